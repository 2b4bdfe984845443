import { parseArgs } from 'node:util';
import { createClient } from '@clickhouse/client';
import { clickhouse } from '../../src/sinks/clickhouse.ts';
import {
  type ClickhouseEngine,
  startClickhouse,
} from '../../test/sinks/support/clickhouse-engine.ts';

/**
 * Rows per second into ClickHouse: the sink, from values to acknowledged rows, next to the bare
 * client with arrays of objects, turn by turn against one engine. Needs `npm ci` in test/sinks.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '5' },
  },
});

const columns = {
  id: 'UInt64',
  page: 'String',
  user: 'String',
  country: 'LowCardinality(Nullable(String))',
  duration: 'Float64',
  at: "DateTime64(3, 'UTC')",
  tags: 'Array(String)',
} as const;

function rowOf(id: number) {
  return {
    id,
    page: `/posts/${id % 1_000}/a-title-as-they-are-found-in-weblogs`,
    user: `user-${(id * 7_919) % 100_000}-0123456789abcdef`,
    country: id % 10 === 0 ? null : 'CH',
    duration: id / 7,
    at: 1_700_000_000_000 + id,
    tags: ['news', `tag-${id % 50}`],
  };
}

type Row = ReturnType<typeof rowOf>;
type Insert = (batch: readonly Row[], token: string) => Promise<unknown>;

async function rowsPerSecond(insert: Insert, batchRows: number, round: string): Promise<number> {
  const total = Number(values.rows);
  let elapsedMs = 0;
  for (let first = 0; first < total; first += batchRows) {
    const batch = Array.from({ length: batchRows }, (_, index) => rowOf(first + index));
    const start = performance.now();
    await insert(batch, `${round}-${first}`);
    elapsedMs += performance.now() - start;
  }
  return total / (elapsedMs / 1_000);
}

async function inserts(engine: ClickhouseEngine): Promise<Readonly<Record<string, Insert>>> {
  const createTable = { orderBy: ['id'] } as const;
  const sink = clickhouse({ name: 'bench', url: engine.url, table: 'rows', columns, createTable });
  const place = { application: 'bench', sink: 'bench', source: 'bench', epoch: 1 };
  const outbox = { partition: 0, partitions: 1, maxZombieMs: 60_000, minIntervalMs: 100 };
  const connection = sink.connect({ ...place, ...outbox });
  const { signal } = new AbortController();
  await connection.open(signal);
  const client = createClient({ url: engine.url });
  return {
    'bare client': (batch) =>
      client.insert({
        table: 'rows',
        values: batch,
        format: 'JSONEachRow',
        clickhouse_settings: { async_insert: 0, wait_end_of_query: 1 },
      }),
    sink: (batch, token) => {
      const rows = batch.map((row) => Buffer.from(sink.row.serialize(row)));
      return connection.apply({ token, from: 0, to: rows.length, rows, signal });
    },
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const engine = await startClickhouse();
const ways = Object.entries(await inserts(engine));
for (const batchRows of [10_000, 50_000]) {
  const rates = new Map(ways.map(([name]) => [name, new Array<number>()]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, insert] of ways) {
      const rate = await rowsPerSecond(insert, batchRows, `${batchRows}-${round}`);
      rates.get(name)?.push(rate);
      await engine.query('TRUNCATE TABLE rows');
    }
  }
  const [bare = Number.NaN] = [...rates.values()].map(median);
  for (const [name, measured] of rates) {
    const rate = median(measured);
    console.log(
      `${batchRows} rows  ${name}  ${Math.round(rate)} rows/s  ${(rate / bare).toFixed(2)}`,
    );
  }
}
await engine.stop();
process.exit();
