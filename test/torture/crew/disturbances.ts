import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import { type Bounds, between, shuffled } from './draw.ts';

/** Something that is done to a run, now and then. */
export interface Disturbance {
  readonly name: string;
  /** How often in a run. */
  readonly times: number;
  /** How many of them go on at once. */
  readonly most: number;
  /** Answers whether it happened. */
  readonly play: () => Promise<boolean>;
}

export interface Disturbing {
  readonly random: RandomSource;
  /** From the beginning of one to that of the next. */
  readonly gapMs: Bounds;
  /** Whether there is nothing to disturb any more. */
  readonly isOver: () => boolean;
}

/** Plays all in the order of the seed; answers what happened, and how often. */
export async function disturb(
  disturbances: readonly Disturbance[],
  { random, gapMs, isOver }: Disturbing,
): Promise<string> {
  const done = new Map<Disturbance, number>();
  const running = new Map<Promise<void>, Disturbance>();
  const waiting = shuffled(disturbances.flatMap(eachTime), random);
  while (waiting.length > 0 && !isOver()) {
    const next = waiting.findIndex((one) => hasRoom(one, [...running.values()]));
    const [disturbance] = next < 0 ? [] : waiting.splice(next, 1);
    if (disturbance === undefined) {
      await Promise.race(running.keys());
      continue;
    }
    const played: Promise<void> = disturbance.play().then((happened) => {
      if (happened) done.set(disturbance, (done.get(disturbance) ?? 0) + 1);
      running.delete(played);
    });
    played.catch(() => undefined); // heard of where those that run are waited for
    running.set(played, disturbance);
    await sleep(between(gapMs, random));
  }
  await Promise.all(running.keys());
  const counts = [...done].map(([{ name }, count]) => `${count} x ${name}`);
  return counts.sort().join(', ');
}

function eachTime(disturbance: Disturbance): readonly Disturbance[] {
  return Array.from({ length: disturbance.times }, () => disturbance);
}

function hasRoom(disturbance: Disturbance, running: readonly Disturbance[]): boolean {
  return running.filter((other) => other === disturbance).length < disturbance.most;
}
