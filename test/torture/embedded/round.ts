import { cp } from 'node:fs/promises';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import type { ChildOptions, WipedState } from './child-options.ts';
import { describeDeath, drawDeath } from './death.ts';
import { dumpRun } from './dump-run.ts';
import type { Dump } from '../dump.ts';
import { live } from './life.ts';

export interface RoundOptions extends Omit<ChildOptions, 'deathAt'> {
  /** A directory with the filled log, to start from. */
  readonly input: string;
}

export interface Round {
  readonly kills: number;
  /** Clicks committed when the last life that came so far was started. */
  readonly committed: number;
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
  const withState = new Set<string>();
  let before = 'nothing';
  let committed = 0;
  for (let kills = 0; ; kills++) {
    const death = kills < maxKills ? drawDeath(random) : null;
    const { end, wiped, written, committedAtStart } = await live(options, death);
    committed = committedAtStart ?? committed;
    // A kill while a directory is being emptied or made leaves nothing that could be trusted.
    const lost = wiped.filter(({ task }) => withState.has(task));
    complaints.push(...lost.map((state) => `state lost by ${before}: ${describeWiped(state)}`));
    for (const { task } of wiped) withState.delete(task);
    for (const task of written) withState.add(task);
    if (end === 'done') {
      return { kills, committed, complaints, dump: await dumpRun(options.directory) };
    }
    if (end !== 'killed') {
      complaints.push(`the child ${end}; kills before: ${kills}, the last: ${before}`);
      return { kills, committed, complaints, dump: null };
    }
    before = death === null ? 'nothing' : `a kill ${describeDeath(death)}`;
  }
}

function describeWiped({ task, reason }: WipedState): string {
  return `${task} (${reason})`;
}
