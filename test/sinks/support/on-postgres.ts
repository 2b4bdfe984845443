import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { postgresBinaries, PostgresServer, query } from './postgres-server.ts';

/** Of the test that runs. */
export interface OnPostgres {
  readonly server: PostgresServer;
  /** Of a database that only this test has. */
  readonly url: string;
  /** In that database, as superuser. */
  rows(text: string): Promise<object[]>;
}

/** Declares tests against a server of their own, each with a new database. */
export function onPostgres(label: string, declare: (on: OnPostgres) => void): void {
  describe.skipIf(postgresBinaries === null)(label, () => {
    let server: PostgresServer | null = null;
    let url = '';
    beforeAll(async () => {
      server = await PostgresServer.start();
    });
    beforeEach(async () => {
      url = (await server?.createDatabase()) ?? '';
    });
    afterAll(() => server?.stop());
    declare({
      get server() {
        if (server === null) throw new Error('The server has not started.');
        return server;
      },
      get url() {
        return url;
      },
      rows: (text) => query<object>(url, text),
    });
  });
}

/** Resolves once it holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}
