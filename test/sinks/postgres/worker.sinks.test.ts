import { describe, expect, it } from 'vitest';
import {
  embedded,
  json,
  memoryBackend,
  produce,
  readCommitted,
  run,
  string,
  TopologyBuilder,
} from '../../../src/index.ts';
import { postgres } from '../../../src/sinks/postgres.ts';
import { loseNext, startDatabaseLine } from '../support/database-line.ts';
import { hasPostgres, onPostgres, throughLine, until } from '../support/on-postgres.ts';

interface Visit {
  readonly page: string;
  readonly at: number;
}

const serdes = { key: string(), value: json<Visit>() };

function visitsTo(url: string) {
  const visits = postgres({
    name: 'visit-rows',
    connection: url,
    table: 'visits',
    columns: { page: 'text', at: 'timestamptz', user: 'text?' },
    createTable: true,
    batches: { maxRows: 100, maxDelay: '10ms' },
    attemptTimeout: '5s',
  });
  const builder = new TopologyBuilder('app', { deadLetter: 'dead' });
  builder
    .stream('visits', serdes)
    .map(({ page, at }, user) => ({ key: user, value: { page, at, user } }))
    .toSink(visits);
  return builder.build();
}

describe.skipIf(!hasPostgres)('a stream that is delivered to PostgreSQL', () => {
  const on = onPostgres();
  it('is there once, refused rows apart, over lost answers and a killed server', async () => {
    const line = await startDatabaseLine(on.server.port);
    const topology = visitsTo(throughLine(on.url, line));
    const log = embedded({ partitions: 2 });
    const records = Array.from({ length: 5000 }, (_, index) => ({
      key: `user-${index % 10}`,
      value: { page: index % 1000 === 7 ? 'bad\0' : `/${index}`, at: index },
      timestamp: index,
    }));
    await produce(log, 'visits', serdes, records);
    const worker = await run(topology, { log, state: memoryBackend(), commitInterval: '10ms' });
    await loseNext(line, 'cut-answer', '; COMMIT');
    await loseNext(line, 'cut-request', '; COMMIT');
    const count = async () => (await on.rows('SELECT FROM visits').catch(() => [])).length;
    await until(async () => (await count()) > 1000);
    await on.server.kill();
    await on.server.restart();
    await worker.caughtUp();
    await worker.close();
    const pages = await on.rows(
      'SELECT count(*)::int, count(DISTINCT page)::int AS pages FROM visits',
    );
    expect(pages).toEqual([{ count: 4995, pages: 4995 }]);
    expect(await readCommitted(log, 'dead', serdes)).toHaveLength(5);
    await log.close();
    await line.close();
  });
});
