import { UsageError } from '../../../src/cli/exit-codes.ts';
import type { DatabaseKind } from '../../sinks/support/tested-database.ts';
import { givenIn } from '../arguments.ts';
import type { CrewCounts } from '../crew/crew-disturbances.ts';
import { type SinkBreakage, sinkBreakages } from './broken-sinks.ts';

export const usage = `npm run torture -- --sinks --sink clickhouse|postgres [--kills N] [--restarts N]
  [--zombies N] [--database-kills N] [--cuts N] [--seed S] [--break ${sinkBreakages.join('|')}]

Runs three worker processes on a Kafka broker, which deliver to a real database through a proxy, and
feeds them all the while. Workers are killed or stopped for longer than their session, at any time
or at a step of a delivery; the database is killed, and connections to it are cut. In the end the
rows in the database are compared with the outbox.
--break delivers without what makes it exactly-once, which must be found: 'token' to ClickHouse
without a deduplication token, 'progress' to PostgreSQL with the progress in a transaction of its own.`;

/** How many of each disturbance a run has. */
export interface SinkCounts extends CrewCounts {
  readonly databaseKills: number;
  readonly cuts: number;
}

export interface SinkTortureOptions {
  readonly kind: DatabaseKind;
  readonly counts: SinkCounts;
  readonly seed: number;
  readonly breakage: SinkBreakage | null;
}

const countNames = ['kills', 'restarts', 'zombies', 'database-kills', 'cuts'] as const;
const names = ['sink', ...countNames, 'seed', 'break'] as const;
const kindOf = { token: 'clickhouse', progress: 'postgres' } as const;

/** @throws {UsageError} */
export function parse(args: readonly string[]): SinkTortureOptions {
  const given = givenIn(args, names);
  const kind = given.oneOf('sink', ['clickhouse', 'postgres']);
  if (kind === null) throw new UsageError('--sink is missing: give clickhouse or postgres.');
  const breakage = given.oneOf('break', sinkBreakages);
  if (breakage !== null && kindOf[breakage] !== kind) {
    throw new UsageError(`--break ${breakage} is for --sink ${kindOf[breakage]}.`);
  }
  const counts = {
    kills: given.count('kills', 200),
    restarts: given.count('restarts', 5),
    zombies: given.count('zombies', 12),
    databaseKills: given.count('database-kills', 20),
    cuts: given.count('cuts', 40),
  };
  return { kind, counts, seed: given.count('seed', 1), breakage };
}
