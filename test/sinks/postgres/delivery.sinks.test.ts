import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresBinaries, PostgresServer, query } from '../support/postgres-server.ts';
import { batchOf, opened, viewsSink } from './views.ts';

describe.skipIf(postgresBinaries === null)('a delivery to PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
  });
  const table = () =>
    query<object>(url, 'SELECT page, views::int, at, country FROM views ORDER BY page, views');
  const progress = () => query<object>(url, 'SELECT epoch::int, next::int FROM millrace_progress');

  it('rows and progress come together', async () => {
    const sink = viewsSink(url);
    const { delivery, next } = await opened(sink, 3);
    expect(next).toBe(0);
    const rows = [
      { page: '/', views: 2, country: 'NO' },
      { page: '/a "b" \\ é 😀', views: 7 },
    ];
    expect(await delivery.apply(batchOf(sink, 0, rows))).toBe('applied');
    const at = new Date(1_700_000_000_123);
    expect(await table()).toEqual([
      { page: '/', views: 2, at, country: 'NO' },
      { page: '/a "b" \\ é 😀', views: 7, at, country: null },
    ]);
    expect(await progress()).toEqual([{ epoch: 3, next: 2 }]);
    await delivery.close();
  });

  it('a batch that was applied before is a duplicate, and its rows are there once', async () => {
    const sink = viewsSink(url);
    const { delivery } = await opened(sink, 1);
    const batch = batchOf(sink, 0, [{ page: '/', views: 1 }]);
    expect(await delivery.apply(batch)).toBe('applied');
    expect(await delivery.apply(batch)).toBe('duplicate');
    const again = await opened(sink, 2);
    expect(again.next).toBe(1);
    expect(await again.delivery.apply(batch)).toBe('duplicate');
    expect(await table()).toHaveLength(1);
    await delivery.close();
    await again.delivery.close();
  });
});
