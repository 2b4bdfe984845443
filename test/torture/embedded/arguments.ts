import { UsageError } from '../../../src/cli/exit-codes.ts';
import { givenIn } from '../arguments.ts';
import type { Guarantee } from '../compare.ts';
import { type Breakage, breakages } from './broken-commit.ts';

export const usage = `npm run torture -- [--kills N] [--seed S] [--records N] [--workers N]
  [--guarantee exactly-once|at-least-once] [--break ${breakages.join('|')}]

Kills a running topology N times and compares what it leaves with a run that was left alone.
--break puts the steps of the commit into a wrong order, which must be found.`;

export interface TortureOptions {
  readonly kills: number;
  readonly seed: number;
  readonly records: number;
  readonly workers: number;
  readonly guarantee: Guarantee;
  readonly breakage: Breakage | null;
}

const names = ['kills', 'seed', 'records', 'workers', 'guarantee', 'break'] as const;

/** @throws {UsageError} */
export function parse(args: readonly string[]): TortureOptions {
  const given = givenIn(args, names);
  const guarantee = given.oneOf('guarantee', ['exactly-once', 'at-least-once']) ?? 'exactly-once';
  const breakage = given.oneOf('break', breakages);
  if (breakage === 'offsets-before-outputs' && guarantee !== 'exactly-once') {
    throw new UsageError('Without a transaction there is no second one to put the offsets into.');
  }
  return {
    kills: given.count('kills', 20),
    seed: given.count('seed', 1),
    records: given.count('records', 60_000),
    workers: given.count('workers', 1),
    guarantee,
    breakage,
  };
}
