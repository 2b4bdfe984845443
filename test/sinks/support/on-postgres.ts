import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { DatabaseLine } from './database-line.ts';
import { postgresBinaries, PostgresServer, query } from './postgres-server.ts';

/** Of the test that runs. */
export interface OnPostgres {
  readonly server: PostgresServer;
  /** Of a database that only this test has. */
  readonly url: string;
  /** In that database, as superuser. */
  rows(text: string): Promise<object[]>;
}

export const hasPostgres = postgresBinaries !== null;

/** Within a `describe`: a server for its tests, and a new database for each of them. */
export function onPostgres(): OnPostgres {
  let server: PostgresServer | null = null;
  let url = '';
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  beforeEach(async () => {
    url = (await server?.createDatabase()) ?? '';
  });
  afterAll(() => server?.stop());
  return {
    get server() {
      if (server === null) throw new Error('The server has not started.');
      return server;
    },
    get url() {
      return url;
    },
    rows: (text) => query<object>(url, text),
  };
}

/** The same database by way of the line. */
export function throughLine(url: string, { port }: DatabaseLine): string {
  return Object.assign(new URL(url), { port: `${port}` }).href;
}

/** Resolves once it holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}
