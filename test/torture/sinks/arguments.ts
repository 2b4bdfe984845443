import { parseArgs } from 'node:util';
import type { DatabaseKind } from '../../sinks/support/tested-database.ts';
import { type SinkBreakage, sinkBreakages } from './broken-sinks.ts';

export const usage = `npm run torture -- --sinks --sink clickhouse|postgres [--kills N] [--zombies N]
  [--database-kills N] [--cuts N] [--seed S] [--break ${sinkBreakages.join('|')}]

Runs three worker processes on a Kafka broker, which deliver to a real database through a proxy, and
feeds them all the while. Workers are killed or stopped for longer than their session, at any time
or at a step of a delivery; the database is killed, and connections to it are cut. In the end the
rows in the database are compared with the outbox.
--break delivers without what makes it exactly-once, which must be found: 'token' to ClickHouse
without a deduplication token, 'progress' to PostgreSQL with the progress in a transaction of its own.`;

/** How many of each disturbance a run has. */
export interface SinkCounts {
  readonly kills: number;
  readonly zombies: number;
  readonly databaseKills: number;
  readonly cuts: number;
}

export interface SinkTortureOptions {
  readonly kind: DatabaseKind;
  readonly counts: SinkCounts;
  readonly seed: number;
  readonly breakage: SinkBreakage | null;
}

/** Null if they cannot be understood. */
export function parseSinkOptions(args: readonly string[]): SinkTortureOptions | null {
  const values = valuesOf(args);
  if (values === null) return null;
  const kind = (['clickhouse', 'postgres'] as const).find((known) => known === values.sink);
  const breakage = sinkBreakages.find((known) => known === values.break) ?? null;
  const counts = {
    kills: Number(values.kills),
    zombies: Number(values.zombies),
    databaseKills: Number(values['database-kills']),
    cuts: Number(values.cuts),
  };
  const seed = Number(values.seed);
  const areNumbers = [...Object.values(counts), seed].every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  if (kind === undefined || !areNumbers) return null;
  if (values.break !== undefined && breakage === null) return null;
  if (breakage !== null && (breakage === 'token') !== (kind === 'clickhouse')) return null;
  return { kind, counts, seed, breakage };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        sinks: { type: 'boolean' },
        sink: { type: 'string' },
        kills: { type: 'string', default: '200' },
        zombies: { type: 'string', default: '12' },
        'database-kills': { type: 'string', default: '20' },
        cuts: { type: 'string', default: '40' },
        seed: { type: 'string', default: '1' },
        break: { type: 'string' },
      },
    }).values;
  } catch {
    return null;
  }
}
