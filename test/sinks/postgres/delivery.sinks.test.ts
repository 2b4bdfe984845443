import { describe, expect, it } from 'vitest';
import { deliveryPlace } from '../support/delivery-place.ts';
import { hasPostgres, onPostgres } from '../support/on-postgres.ts';
import { applyUntilKnown, batchOf, failureOf, opened, viewsSink } from './views.ts';

describe.skipIf(!hasPostgres)('a delivery to PostgreSQL', () => {
  const on = onPostgres();
  const table = () =>
    on.rows('SELECT page, views::int, at, country FROM views ORDER BY page, views');
  const progress = () => on.rows('SELECT epoch::int, next::int FROM millrace_progress');

  it('rows and progress come together', async () => {
    const { delivery, next } = await opened(viewsSink(on.url), 3);
    expect(next).toBe(0);
    const rows = [
      { page: '/', views: 2, country: 'NO' },
      { page: '/a "b" \\ é 😀', views: 7 },
    ];
    expect(await delivery.apply(batchOf(0, rows))).toBe('applied');
    const at = new Date(1_700_000_000_123);
    expect(await table()).toEqual([
      { page: '/', views: 2, at, country: 'NO' },
      { page: '/a "b" \\ é 😀', views: 7, at, country: null },
    ]);
    expect(await progress()).toEqual([{ epoch: 3, next: 2 }]);
    await delivery.close();
  });

  it('a batch that was applied before is a duplicate, and its rows are there once', async () => {
    const sink = viewsSink(on.url);
    const { delivery } = await opened(sink, 1);
    const batch = batchOf(0, [{ page: '/', views: 1 }]);
    expect(await delivery.apply(batch)).toBe('applied');
    expect(await delivery.apply(batch)).toBe('duplicate');
    const again = await opened(sink, 2);
    expect(again.next).toBe(1);
    expect(await again.delivery.apply(batch)).toBe('duplicate');
    expect(await table()).toHaveLength(1);
    await delivery.close();
    await again.delivery.close();
  });

  it('a batch without rows moves the progress alone', async () => {
    const { delivery } = await opened(viewsSink(on.url), 1);
    expect(await delivery.apply({ ...batchOf(0, []), to: 5 })).toBe('applied');
    expect(await progress()).toEqual([{ epoch: 1, next: 5 }]);
    await delivery.close();
  });

  it('a batch that begins behind the progress, or has none, tells of a roll-back', async () => {
    const { delivery } = await opened(viewsSink(on.url), 1);
    const gap = await failureOf(delivery.apply(batchOf(4, [{ page: '/', views: 1 }])));
    expect(gap).toMatchObject({ outcome: 'fatal', code: 'SINK_ROLLED_BACK' });
    await delivery.close();
    const again = await opened(viewsSink(on.url), 1);
    await on.rows('DELETE FROM millrace_progress');
    const gone = await failureOf(again.delivery.apply(batchOf(0, [{ page: '/', views: 1 }])));
    expect(gone).toMatchObject({ outcome: 'fatal', code: 'SINK_ROLLED_BACK' });
    expect(await table()).toEqual([]);
    await again.delivery.close();
  });

  it('a batch that was applied in part has had other bounds', async () => {
    const { delivery } = await opened(viewsSink(on.url), 1);
    await delivery.apply(batchOf(0, [{ page: '/', views: 1 }]));
    const longer = batchOf(0, [
      { page: '/', views: 1 },
      { page: '/', views: 2 },
    ]);
    const failure = await failureOf(delivery.apply(longer));
    expect(failure).toMatchObject({ outcome: 'fatal', code: 'SINK_PLAN_MISMATCH' });
    expect(await table()).toHaveLength(1);
    await delivery.close();
  });

  it('sources and applications do not know of each other', async () => {
    const sink = viewsSink(on.url);
    const places = [{}, { source: 'cluster/outbox/1' }, { application: 'other' }];
    for (const over of places) {
      const { delivery, next } = await opened(sink, 1, over);
      expect(next).toBe(0);
      await delivery.apply(batchOf(0, [{ page: '/', views: 1 }]));
      await delivery.close();
    }
    expect(await table()).toHaveLength(3);
  });

  it('four connections at the same time create the tables once', async () => {
    const sink = viewsSink(on.url);
    const sources = ['a', 'b', 'c', 'd'];
    const all = await Promise.all(sources.map((source) => opened(sink, 1, { source })));
    expect(all.map(({ next }) => next)).toEqual([0, 0, 0, 0]);
    expect(await progress()).toHaveLength(4);
    for (const { delivery } of all) await delivery.close();
  });

  it('with a key the last row wins, in a batch and across batches', async () => {
    const sink = viewsSink(on.url, { key: ['page'] });
    const { delivery } = await opened(sink, 1);
    const first = [
      { page: '/a', views: 9 },
      { page: '/b', views: 1, country: 'NO' },
      { page: '/a', views: 2 },
    ];
    await delivery.apply(batchOf(0, first));
    await delivery.apply(batchOf(3, [{ page: '/b', views: 4 }]));
    expect(await on.rows('SELECT page, views::int, country FROM views ORDER BY page')).toEqual([
      { page: '/a', views: 2, country: null },
      { page: '/b', views: 4, country: null },
    ]);
    await delivery.close();
  });

  it('two deliveries of the same keys in opposite orders both come to their end', async () => {
    const sink = viewsSink(on.url, { key: ['page'] });
    const pages = Array.from({ length: 500 }, (_, index) => `/${index}`);
    const batches = (order: readonly string[]) =>
      Array.from({ length: 20 }, (_, batch) =>
        batchOf(
          batch * 500,
          order.map((page) => ({ page, views: batch })),
        ),
      );
    const results = await Promise.all([
      applyUntilKnown(sink, deliveryPlace({ source: 'a' }), batches(pages)),
      applyUntilKnown(sink, deliveryPlace({ source: 'b' }), batches(pages.toReversed())),
    ]);
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    const sum = 'SELECT count(*)::int AS count, sum(views)::int AS sum FROM views';
    expect(await on.rows(sum)).toEqual([{ count: 500, sum: 500 * 19 }]);
  });
});
