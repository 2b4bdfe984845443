import { SinkError } from '../../core/model/errors.ts';
import type {
  DeliveryPlace,
  SinkBatch,
  SinkConnection,
  SinkPosition,
} from '../../core/sink/sink.ts';
import { checkTarget } from './check-target.ts';
import { createTables } from './create-tables.ts';
import { jsonArray } from './json-array.ts';
import type { OpenPgClient, PgClient } from './pg-client.ts';
import { createSession } from './session.ts';
import { statementsFor, type Target } from './statements.ts';

export interface DeliveryOptions {
  readonly target: Target;
  readonly createTable: boolean;
  readonly attemptTimeoutMs: number;
  readonly open: OpenPgClient;
}

/** Rows and progress in one transaction, so that neither is there without the other. */
export function connectDelivery(options: DeliveryOptions, place: DeliveryPlace): SinkConnection {
  const { target, createTable, attemptTimeoutMs, open } = options;
  const { application, sink, partition, source, epoch } = place;
  const statements = statementsFor(target);
  const where = `Sink '${sink}', partition ${partition}, table ${statements.targetName}`;
  const clientName = `millrace ${application} ${sink} ${partition}`;
  const session = createSession({ open, clientName, where, attemptTimeoutMs });
  const identity = [application, sink, source];

  const check = (client: PgClient) => checkTarget(client, target, statements, where);
  const register = async (client: PgClient): Promise<SinkPosition> => {
    const { rows } = await client.query(statements.register, [...identity, epoch]);
    const [row] = rows;
    if (row === undefined) throw fenced(where);
    return { next: Number(row.next) };
  };
  const prepare = async (signal: AbortSignal): Promise<SinkPosition> => {
    await session.connect(signal);
    await session.transaction(signal, (client) => createTables(client, statements, createTable));
    return session.transaction(signal, async (client) => {
      await check(client);
      // Rights, generated columns, no unique index for the key: the server itself says it.
      await client.query(statements.write, ['[]']);
      return register(client);
    });
  };
  const write = async (client: PgClient, batch: SinkBatch): Promise<'applied' | 'duplicate'> => {
    const { rows: progress } = await client.query(statements.lockProgress, identity);
    // Someone has deleted it: as far as the table knows, nothing was ever applied.
    const { epoch: lastEpoch, next } = progress[0] ?? { epoch: 0, next: -1 };
    if (Number(lastEpoch) > epoch) throw fenced(where);
    if (Number(next) >= batch.to) return 'duplicate';
    checkPosition(where, batch, Number(next));
    if (batch.rows.length > 0) {
      await client.query(statements.write, [jsonArray(batch.rows)]);
      // A timestamp becomes a date without a word. Rows that are written keep the table as it is.
      await check(client);
    }
    await client.query(statements.advance, [...identity, epoch, batch.to]);
    return 'applied';
  };
  const apply = async (batch: SinkBatch): Promise<'applied' | 'duplicate'> => {
    try {
      return await session.transaction(batch.signal, (client) => write(client, batch));
    } catch (error) {
      // No row is wrong where the table is another than it was.
      if (isRefused(error)) await session.transaction(batch.signal, check);
      throw error;
    }
  };
  return {
    open: (signal) => prepare(signal).catch(withoutBatch),
    apply,
    close: () => Promise.resolve(session.disconnect()),
  };
}

function checkPosition(where: string, { from, to }: SinkBatch, next: number): void {
  if (next === from) return;
  if (next < from) {
    const found = next < 0 ? 'the row of its progress is gone' : `the table ends at ${next}`;
    const message = `${where}: the batch [${from}, ${to}) comes next, but ${found}.`;
    throw new SinkError('fatal', 'SINK_ROLLED_BACK', message);
  }
  const message = `${where}: the batch [${from}, ${to}) was applied up to ${next}, with other bounds.`;
  throw new SinkError('fatal', 'SINK_PLAN_MISMATCH', message);
}

function fenced(where: string): SinkError {
  return new SinkError('fenced', 'SINK_FENCED', `${where}: an owner of a higher epoch is there.`);
}

/** Where no row was sent none was refused: what says so is the table, a trigger of it for one. */
function withoutBatch(error: unknown): never {
  if (!isRefused(error)) throw error;
  throw new SinkError('fatal', 'SINK_SCHEMA', error.message, { cause: error.cause });
}

function isRefused(error: unknown): error is SinkError {
  return error instanceof SinkError && error.outcome === 'refused';
}
