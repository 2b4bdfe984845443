import { parseArgs } from 'node:util';
import { type Breakage, breakages } from './broken-commit.ts';
import type { Guarantee } from './compare.ts';

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

/** Null if they cannot be understood. */
export function parseOptions(args: readonly string[]): TortureOptions | null {
  const values = valuesOf(args);
  if (values === null) return null;
  const guarantee = (['exactly-once', 'at-least-once'] as const).find(
    (known) => known === values.guarantee,
  );
  const breakage = breakages.find((known) => known === values.break) ?? null;
  const [kills, seed, records, workers] = [
    Number(values.kills),
    Number(values.seed),
    Number(values.records),
    Number(values.workers),
  ];
  const areNumbers = [kills, seed, records, workers].every(Number.isSafeInteger);
  const isBreakKnown = values.break === undefined || breakage !== null;
  if (guarantee === undefined || !areNumbers || !isBreakKnown) return null;
  // Without a transaction there is no second one to put the offsets into.
  if (breakage === 'offsets-before-outputs' && guarantee !== 'exactly-once') return null;
  return { kills, seed, records, workers, guarantee, breakage };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        kills: { type: 'string', default: '20' },
        seed: { type: 'string', default: '1' },
        records: { type: 'string', default: '60000' },
        workers: { type: 'string', default: '1' },
        guarantee: { type: 'string', default: 'exactly-once' },
        break: { type: 'string' },
      },
    }).values;
  } catch {
    return null;
  }
}
