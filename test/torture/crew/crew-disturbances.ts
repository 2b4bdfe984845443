import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import type { Aim, Crew } from './crew.ts';
import type { Disturbance } from './disturbances.ts';
import { type Bounds, between, pick } from './draw.ts';
import { sessionTimeoutMs, type Step } from './steps.ts';

/** How many of each a run has. */
export interface CrewCounts {
  readonly kills: number;
  readonly restarts: number;
  readonly zombies: number;
}

/** What the workers of a crew are struck with. */
export interface Strikes {
  /** Null: at any time. */
  readonly killBefore: readonly (Step | null)[];
  /** Of a killed worker. */
  readonly diskLostChance: number;
  readonly freezeBefore: readonly (Step | null)[];
  /** For how many sessions: the others take the tasks over in the first and go on then. */
  readonly frozenSessions: Bounds;
}

const maxDownMs = 500;
/** Of the workers, whatever happens to the others. */
const unfrozen = 2;

export function crewDisturbances(
  crew: Crew,
  { kills, restarts, zombies }: CrewCounts,
  { strikes, random }: { readonly strikes: Strikes; readonly random: RandomSource },
): readonly Disturbance[] {
  const { killBefore, diskLostChance, freezeBefore, frozenSessions } = strikes;
  const aim = (steps: readonly (Step | null)[]): Aim => {
    return { choice: random.next(), step: pick(steps, random) };
  };
  const kill = () => {
    const isDiskLost = random.next() < diskLostChance;
    return crew.kill(aim(killBefore), random.next() * maxDownMs, isDiskLost);
  };
  const freeze = () => {
    return crew.freeze(aim(freezeBefore), sessionTimeoutMs * between(frozenSessions, random));
  };
  return [
    { name: 'kill', times: kills, most: crew.size - 1, play: kill },
    { name: 'restart', times: restarts, most: 1, play: () => crew.restart(random.next()) },
    { name: 'zombie', times: zombies, most: maxZombiesOf(crew.size), play: freeze },
  ];
}

export function maxZombiesOf(workers: number): number {
  return workers - unfrozen;
}
