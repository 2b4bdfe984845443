import { SinkError } from '../../core/model/errors.ts';
import type { PostgresAddress } from './address.ts';

export type PgRow = Readonly<Record<string, unknown>>;

export interface PgResult {
  /** `INSERT`, `COMMIT`, ... */
  readonly command: string;
  readonly rows: readonly PgRow[];
}

/** The little of `pg` that a delivery uses. */
export interface PgClient {
  /** Of several statements the result of the last. A Buffer is sent as it is. */
  query(text: string, values?: readonly unknown[]): Promise<PgResult>;
  /** Ends the connection at once: what waits for it fails, the server rolls back. */
  destroy(): void;
}

/** Connects; an abort of the signal ends even that. */
export type OpenPgClient = (name: string, signal: AbortSignal) => Promise<PgClient>;

export function pgClients(sink: string, address: string | PostgresAddress): OpenPgClient {
  return async (name, signal) => {
    const { default: pg } = await import('pg').catch((cause: unknown) => {
      const message = `The sink '${sink}' needs the package 'pg': npm install pg.`;
      throw new SinkError('fatal', 'PACKAGE_MISSING', message, { cause });
    });
    const server =
      typeof address === 'string'
        ? { connectionString: address }
        : { ...address, ssl: typeof address.ssl === 'object' ? { ...address.ssl } : address.ssl };
    const client = new pg.Client({ ...server, application_name: name, keepAlive: true });
    const destroy = () => void client.connection.stream.destroy();
    // A connection that breaks while nothing is asked of it; the next query says so.
    client.on('error', () => undefined);
    signal.addEventListener('abort', destroy, { once: true });
    try {
      signal.throwIfAborted();
      await client.connect();
    } catch (error) {
      destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', destroy);
    }
    return {
      async query(text, values = []) {
        // One result, or one for each statement.
        const results: readonly PgResult[] = [await client.query(text, [...values])].flat();
        return results.at(-1) ?? { command: '', rows: [] };
      },
      destroy,
    };
  };
}
