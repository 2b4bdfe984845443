import { SinkError } from '../../core/model/errors.ts';
import { failureOf } from './failure.ts';
import type { OpenPgClient, PgClient } from './pg-client.ts';

interface SessionOptions {
  readonly open: OpenPgClient;
  /** As PostgreSQL shows it in `pg_stat_activity`. */
  readonly clientName: string;
  /** Whose errors: the sink, the table, the partition. */
  readonly where: string;
  readonly attemptTimeoutMs: number;
}

/** One connection at a time, and transactions on it that know how they ended. */
export interface Session {
  /** A new connection; one that was there is cut. */
  connect(signal: AbortSignal): Promise<void>;
  /**
   * Resolves once the work is surely committed. After a refusal the work is surely undone and the
   * connection stays; after anything else the connection is gone.
   *
   * @throws {SinkError} always one of these
   */
  transaction<T>(signal: AbortSignal, work: (client: PgClient) => Promise<T>): Promise<T>;
  disconnect(): void;
}

export function createSession(options: SessionOptions): Session {
  const { open, clientName, where } = options;
  const begin = beginText(options.attemptTimeoutMs);
  let client: PgClient | null = null;
  const disconnect = (): void => {
    client?.destroy();
    client = null;
  };
  return {
    disconnect,
    async connect(signal) {
      disconnect();
      try {
        client = await open(clientName, signal);
      } catch (error) {
        throw failureOf(error, where);
      }
    },
    async transaction(signal, work) {
      if (client === null) {
        throw new SinkError('unknown', 'SINK_UNAVAILABLE', `${where}: there is no connection`);
      }
      signal.addEventListener('abort', disconnect, { once: true });
      try {
        signal.throwIfAborted();
        return await run(client, begin, work);
      } catch (error) {
        const failure = failureOf(error, where);
        if (failure.outcome !== 'refused' || !(await isUndone(client))) disconnect();
        throw failure;
      } finally {
        signal.removeEventListener('abort', disconnect);
      }
    },
  };
}

async function run<T>(
  client: PgClient,
  begin: string,
  work: (client: PgClient) => Promise<T>,
): Promise<T> {
  await client.query(begin);
  const result = await work(client);
  const { command } = await client.query(commitText);
  // A transaction that had failed is undone by COMMIT, which says so and is no error.
  if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}`);
  return result;
}

async function isUndone(client: PgClient): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

/**
 * The server gives up before the attempt does: whoever was cut off holds no lock for longer. Set
 * for each transaction, as one connection of a pooler serves many clients. READ COMMITTED, whatever
 * the default: who waited for a row sees what the other has made of it.
 */
function beginText(attemptTimeoutMs: number): string {
  const limitMs = Math.max(1, Math.floor(attemptTimeoutMs * 0.8));
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
    `SET LOCAL statement_timeout = ${limitMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${limitMs}`,
    `SET LOCAL lock_timeout = ${Math.ceil(limitMs / 2)}`,
  ].join('; ');
}

/**
 * A COMMIT that waits for a standby and runs into `statement_timeout` is acknowledged with a mere
 * warning, so nothing but the end of the attempt may end it.
 */
const commitText = 'SET LOCAL statement_timeout = 0; COMMIT';
