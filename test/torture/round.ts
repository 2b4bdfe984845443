import { cp } from 'node:fs/promises';
import type { RandomSource } from '../../src/core/runtime/runtime.ts';
import type { ChildOptions } from './child-options.ts';
import { describeDeath, drawDeath } from './death.ts';
import { dumpRun } from './dump-run.ts';
import type { Dump } from './dump.ts';
import { live } from './life.ts';

export interface RoundOptions extends Omit<ChildOptions, 'deathAt'> {
  /** A directory with the filled log, to start from. */
  readonly input: string;
}

export interface Round {
  readonly kills: number;
  /** Null: it did not come to an end. */
  readonly dump: Dump | null;
  /** What was wrong on the way. */
  readonly complaints: readonly string[];
}

/** Processes all input, killed up to `maxKills` times on the way. */
export async function playRound(
  { input, ...options }: RoundOptions,
  maxKills: number,
  random: RandomSource,
): Promise<Round> {
  await cp(input, options.directory, { recursive: true });
  const complaints: string[] = [];
  let before = 'nothing';
  for (let kills = 0; ; kills++) {
    const death = kills < maxKills ? drawDeath(random) : null;
    const { end, wiped } = await live(options, death);
    complaints.push(...wiped.map((state) => `state thrown away after ${before}: ${state}`));
    if (end === 'done') return { kills, dump: await dumpRun(options.directory), complaints };
    if (end !== 'killed') {
      complaints.push(`the child ${end} after ${kills} kills, the last: ${before}`);
      return { kills, dump: null, complaints };
    }
    before = death === null ? 'nothing' : `a kill ${describeDeath(death)}`;
  }
}
