import { UsageError } from '../program/arguments.ts';
import type { Tables } from './rows.ts';

/** @throws {UsageError} for a URL of another database. */
export async function tablesAt(url: string): Promise<Tables> {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  switch (parsed?.protocol) {
    case 'clickhouse:': {
      const { clickhouseTables } = await import('./clickhouse-tables.ts');
      return clickhouseTables(parsed);
    }
    case 'postgres:':
    case 'postgresql:': {
      const { postgresTables } = await import('./postgres-tables.ts');
      return postgresTables(url);
    }
    default:
      // The URL itself may hold a password.
      throw new UsageError('A sink is clickhouse://USER:PASSWORD@HOST:PORT/DB or postgres://...');
  }
}
