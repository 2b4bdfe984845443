import { describe, expect, it } from 'vitest';
import pg from 'pg';
import { loseNext, startDatabaseLine } from '../support/database-line.ts';
import { deliveryPlace } from '../support/delivery-place.ts';
import { hasPostgres, onPostgres, throughLine, until } from '../support/on-postgres.ts';
import { applyUntilKnown, batchOf, failureOf, opened, viewsSink } from './views.ts';

const fenced = { outcome: 'fenced', code: 'SINK_FENCED' };

describe.skipIf(!hasPostgres)('an owner of a lower epoch', () => {
  const on = onPostgres();
  const batch = batchOf(0, [{ page: '/', views: 1 }]);
  const count = () => on.rows('SELECT count(*)::int AS count FROM views');

  it('cannot apply once a newer one has opened, nor open again', async () => {
    const sink = viewsSink(on.url);
    const zombie = await opened(sink, 1);
    const owner = await opened(sink, 2);
    expect(await failureOf(zombie.delivery.apply(batch))).toMatchObject(fenced);
    expect(await failureOf(opened(sink, 1))).toMatchObject(fenced);
    expect(await count()).toEqual([{ count: 0 }]);
    expect(await owner.delivery.apply(batch)).toBe('applied');
    expect(await count()).toEqual([{ count: 1 }]);
    await owner.delivery.close();
  });

  it('is kept out while it waits for the row that the newer one holds', async () => {
    const { delivery } = await opened(viewsSink(on.url), 1);
    const newer = new pg.Client({ connectionString: on.url });
    await newer.connect();
    await newer.query('BEGIN; UPDATE millrace_progress SET epoch = 2');
    const late = failureOf(delivery.apply(batch));
    const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await until(async () => (await on.rows(waiting)).length === 1);
    await newer.query('COMMIT');
    expect(await late).toMatchObject(fenced);
    expect(await count()).toEqual([{ count: 0 }]);
    await newer.end();
  });

  it('holds no lock for long, though it stops in the middle and nobody cuts it off', async () => {
    const line = await startDatabaseLine(on.server.port);
    const through = throughLine(on.url, line);
    const { delivery } = await opened(viewsSink(through, { attemptTimeout: '1s' }), 1);
    const struck = loseNext(line, 'hold-answer', 'json_to_recordset');
    const stopped = failureOf(delivery.apply(batch));
    await struck;
    const locked = "SELECT FROM pg_stat_activity WHERE state = 'idle in transaction'";
    expect(await on.rows(locked)).toHaveLength(1);
    const { outcomes } = await applyUntilKnown(viewsSink(on.url), deliveryPlace({ epoch: 2 }), [
      batch,
    ]);
    expect(outcomes).toEqual(['applied']);
    expect(await count()).toEqual([{ count: 1 }]);
    await delivery.close();
    expect(await stopped).toMatchObject({ outcome: 'unknown' });
    await line.close();
  });

  it('what it has under way is waited for, and is in the position of the newer one', async () => {
    const sink = viewsSink(on.url);
    const { delivery } = await opened(sink, 1);
    const [applied, owner] = await Promise.all([
      delivery.apply(batch).catch(() => 'fenced'),
      opened(sink, 2),
    ]);
    expect(owner.next).toBe(applied === 'applied' ? 1 : 0);
    const rest = await owner.delivery.apply(batch);
    expect(rest).toBe(applied === 'applied' ? 'duplicate' : 'applied');
    expect(await count()).toEqual([{ count: 1 }]);
    await owner.delivery.close();
    await delivery.close();
  });
});
