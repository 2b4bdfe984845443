import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import type { KafkaProxy } from '../../kafka/support/kafka-proxy.ts';
import type { KafkaCluster } from '../../kafka/support/start-kafka.ts';
import type { Crew } from './crew.ts';
import type { Counts, Hunt } from './hunts.ts';
import { sessionTimeoutMs } from './worker-options.ts';

type Bounds = readonly [least: number, most: number];
type Disturbance = 'kill' | 'restart' | 'zombie' | 'broker-kill' | 'fault';

/** Two of four workers stay. */
const maxZombies = 2;
const maxDownMs = 500;
/** Of an answer. */
const delayedMs: Bounds = [200, 3_200];
/** What was aimed at requests that come rarely is given up. */
const maxAimMs = 15_000;

export interface Disturbed {
  readonly cluster: KafkaCluster;
  readonly proxy: KafkaProxy;
  readonly crew: Crew;
  readonly random: RandomSource;
  readonly hunt: Hunt;
  /** Whether all input is processed, so that there is nothing to disturb any more. */
  readonly isOver: () => boolean;
  /** The brokers that lead what commits go through. */
  readonly coordinators: () => Promise<readonly number[]>;
}

/** Seconds that so many disturbances take, about. */
export function expectedSeconds(
  { kills, restarts, zombies, brokerKills, faults }: Counts,
  { frozenSessions, gapMs }: Hunt,
): number {
  const gaps = kills + restarts + zombies + brokerKills + faults;
  const frozenMs = (zombies * sessionTimeoutMs * middleOf(frozenSessions)) / maxZombies;
  return Math.max(gaps * middleOf(gapMs), frozenMs) / 1_000 + brokerKills * 4;
}

/** Plays all disturbances in the order of the seed; answers how many of each there were. */
export async function disturb(
  counts: Counts,
  disturbed: Disturbed,
): Promise<ReadonlyMap<Disturbance, number>> {
  const done = new Map<Disturbance, number>();
  const running = new Map<Promise<void>, Disturbance>();
  const waiting = shuffled(planned(counts), disturbed.random);
  while (waiting.length > 0 && !disturbed.isOver()) {
    const next = waiting.findIndex((disturbance) => hasRoom(disturbance, [...running.values()]));
    const [disturbance] = next < 0 ? [] : waiting.splice(next, 1);
    if (disturbance === undefined) {
      await Promise.race(running.keys());
      continue;
    }
    const play = plays[disturbance](disturbed).then((happened) => {
      if (happened) done.set(disturbance, (done.get(disturbance) ?? 0) + 1);
    });
    const settled: Promise<void> = play.finally(() => running.delete(settled));
    running.set(settled, disturbance);
    await sleep(between(disturbed.hunt.gapMs, disturbed.random));
  }
  await Promise.all(running.keys());
  disturbed.proxy.clear();
  disturbed.proxy.cutAll();
  return done;
}

/** With two of three brokers down nothing could be committed: each is back before the next. */
function hasRoom(disturbance: Disturbance, running: readonly Disturbance[]): boolean {
  const most: Partial<Record<Disturbance, number>> = { 'broker-kill': 1, zombie: maxZombies };
  const alike = running.filter((other) => other === disturbance);
  return alike.length < (most[disturbance] ?? Infinity);
}

function planned(counts: Counts): Disturbance[] {
  const times = (count: number, disturbance: Disturbance) =>
    Array.from({ length: count }, () => disturbance);
  return [
    ...times(counts.kills, 'kill'),
    ...times(counts.restarts, 'restart'),
    ...times(counts.zombies, 'zombie'),
    ...times(counts.brokerKills, 'broker-kill'),
    ...times(counts.faults, 'fault'),
  ];
}

const plays: Readonly<Record<Disturbance, (disturbed: Disturbed) => Promise<boolean>>> = {
  kill: async ({ crew, random, hunt }) => {
    const isDiskLost = random.next() < hunt.diskLostChance;
    return (await crew.kill(random.next(), random.next() * maxDownMs, isDiskLost)) !== null;
  },
  zombie: async ({ crew, random, hunt }) => {
    const frozenMs = sessionTimeoutMs * between(hunt.frozenSessions, random);
    return (await crew.freeze(random.next(), pick(hunt.freezeBefore, random), frozenMs)) !== null;
  },
  restart: async ({ crew, random }) => (await crew.restart(random.next())) !== null,
  'broker-kill': async ({ cluster, random, coordinators }) => {
    // Where nobody can tell at the moment, any broker will do.
    const coordinating = random.next() < 0.5 ? await coordinators().catch(() => []) : [];
    const candidates = coordinating.length > 0 ? coordinating : [...cluster.pids.keys()];
    const nodeId = candidates[Math.floor(random.next() * candidates.length)];
    if (nodeId === undefined) return false;
    await cluster.kill(nodeId);
    await sleep(500 + random.next() * 3_000);
    await cluster.start(nodeId);
    return true;
  },
  fault: async ({ proxy, random, hunt }) => {
    const fault = pick(hunt.faults, random);
    const delayMs = between(fault.kind === 'hold-request' ? hunt.heldMs : delayedMs, random);
    const aimed = proxy.aim({ ...fault, times: 1, delayMs });
    await Promise.race([aimed.firstStruck, sleep(maxAimMs)]);
    aimed.clear();
    return aimed.count > 0;
  },
};

function between([least, most]: Bounds, random: RandomSource): number {
  return least + random.next() * (most - least);
}

function middleOf([least, most]: Bounds): number {
  return (least + most) / 2;
}

function pick<T>(of: readonly T[], random: RandomSource): T {
  const picked = of[Math.floor(random.next() * of.length)];
  if (picked === undefined) throw new Error('There is nothing to pick from.');
  return picked;
}

function shuffled<T>(values: readonly T[], random: RandomSource): T[] {
  return values
    .map((value) => ({ value, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
