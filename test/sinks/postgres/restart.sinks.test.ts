import { describe, expect, it } from 'vitest';
import { deliveryPlace } from '../support/delivery-place.ts';
import { hasPostgres, onPostgres, until } from '../support/on-postgres.ts';
import { applyUntilKnown, batchOf, viewsFrom, viewsSink } from './views.ts';

describe.skipIf(!hasPostgres)('a server that is killed in the middle and starts again', () => {
  const on = onPostgres();
  const count = () =>
    on.rows('SELECT count(*)::int AS rows, count(DISTINCT page)::int AS pages FROM views');
  /** While it is down, or has no table yet, none. */
  const rowsSoFar = async () => {
    const rows = await on.rows('SELECT page FROM views').catch(() => []);
    return rows.length;
  };

  it('has each row once', async () => {
    const batches = Array.from({ length: 100 }, (_, index) =>
      batchOf(index * 50, viewsFrom(index * 50, 50)),
    );
    const done = applyUntilKnown(viewsSink(on.url), deliveryPlace(), batches);
    for (const enough of [500, 2000]) {
      await until(async () => (await rowsSoFar()) > enough);
      await on.server.kill();
      await on.server.restart();
    }
    const { outcomes, failures } = await done;
    expect(outcomes).toHaveLength(100);
    expect(failures.length).toBeGreaterThan(0);
    expect(await count()).toEqual([{ rows: 5000, pages: 5000 }]);
  });
});
