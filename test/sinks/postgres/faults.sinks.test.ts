import { describe, expect, it } from 'vitest';
import { type LineFault, loseNext, startDatabaseLine } from '../support/database-line.ts';
import { deliveryPlace } from '../support/delivery-place.ts';
import { hasPostgres, onPostgres, throughLine, until } from '../support/on-postgres.ts';
import { batchOf, failureOf, opened, viewsFrom, viewsSink } from './views.ts';

/** What each step of a batch sends has one of these in it. */
const steps = ['BEGIN', 'FOR UPDATE', 'json_to_recordset', 'SET epoch = $4', '; COMMIT'];
const kinds: readonly LineFault[] = ['cut-request', 'cut-answer', 'hold-answer'];
const faults = kinds.flatMap((kind) => steps.map((step) => ({ kind, step })));
const rounds = 4;

describe.skipIf(!hasPostgres)('a batch whose attempt fails', () => {
  const on = onPostgres();
  const count = async () =>
    (
      await on.rows('SELECT count(*)::int AS rows, count(DISTINCT page)::int AS pages FROM views')
    )[0];

  it.each(faults)('$kind at $step: is there once, every time', async ({ kind, step }) => {
    const line = await startDatabaseLine(on.server.port);
    const sink = viewsSink(throughLine(on.url, line));
    for (let round = 0; round < rounds; round++) {
      const abort = new AbortController();
      const batch = batchOf(round * 50, viewsFrom(round * 50, 50), abort.signal);
      const { delivery } = await opened(sink, 1);
      const struck = loseNext(line, kind, step);
      const failed = failureOf(delivery.apply(batch));
      await struck;
      if (kind === 'hold-answer') abort.abort();
      expect(await failed).toMatchObject({ outcome: 'unknown', code: 'SINK_UNAVAILABLE' });
      line.release();
      const signal = new AbortController().signal;
      const { next } = (await delivery.open(signal)) ?? {};
      const isCommitted = step === '; COMMIT' && kind !== 'cut-request';
      expect(next).toBe(round * 50 + (isCommitted ? 50 : 0));
      const outcome = await delivery.apply({ ...batch, signal });
      expect(outcome).toBe(isCommitted ? 'duplicate' : 'applied');
      await delivery.close();
    }
    expect(await count()).toEqual({ rows: 50 * rounds, pages: 50 * rounds });
    await line.close();
  });

  it('an attempt that is aborted lets go of its locks', async () => {
    const sink = viewsSink(on.url);
    const { delivery } = await opened(sink, 1);
    const abort = new AbortController();
    abort.abort();
    const failure = await failureOf(delivery.apply(batchOf(0, viewsFrom(0, 50), abort.signal)));
    expect(failure).toMatchObject({ outcome: 'unknown' });
    const opening = sink.connect(deliveryPlace()).open(abort.signal);
    expect(await failureOf(opening)).toMatchObject({ outcome: 'unknown' });
    const again = await opened(sink, 2);
    expect(await again.delivery.apply(batchOf(0, viewsFrom(0, 50)))).toBe('applied');
    await again.delivery.close();
  });

  it('a server that is not there is not known, one without the database is an error', async () => {
    const nowhere = viewsSink('postgres://test@127.0.0.1:1/none');
    expect(await failureOf(opened(nowhere, 1))).toMatchObject({
      outcome: 'unknown',
      code: 'SINK_UNAVAILABLE',
    });
    const none = viewsSink(on.server.url('none'));
    expect(await failureOf(opened(none, 1))).toMatchObject({
      outcome: 'fatal',
      code: 'SINK_SCHEMA',
    });
  });

  it('a COMMIT that waits for a standby is not known before that has it', async () => {
    const sink = viewsSink(on.url, { attemptTimeout: '200ms' });
    const { delivery } = await opened(sink, 1);
    await on.server.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await on.server.run('SELECT pg_reload_conf()');
    try {
      const abort = new AbortController();
      const failed = failureOf(delivery.apply(batchOf(0, viewsFrom(0, 50), abort.signal)));
      // Five times as long as any statement may take.
      const waiting =
        "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query_start < now() - interval '1 s'";
      await until(async () => (await on.rows(waiting)).length === 1);
      abort.abort();
      expect(await failed).toMatchObject({ outcome: 'unknown' });
    } finally {
      await on.server.run('ALTER SYSTEM RESET synchronous_standby_names');
      await on.server.run('SELECT pg_reload_conf()');
    }
    const again = await opened(viewsSink(on.url), 2);
    expect(again.next).toBe(50);
    await again.delivery.close();
  });
});
