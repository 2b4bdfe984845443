import type { Sink } from '../../src/index.ts';
import { clickhouse } from '../../src/sinks/clickhouse.ts';
import { postgres } from '../../src/sinks/postgres.ts';

/** Seven columns, about 150 bytes as JSON: 50,000 of them are within the 8 MiB of a batch. */
export interface BenchRow {
  readonly id: number;
  readonly page: string;
  readonly visitor: string;
  readonly country: string | null;
  readonly duration: number;
  readonly views: number;
  readonly at: number;
}

export type BenchKind = 'clickhouse' | 'postgres';

export function rowOf(id: number): BenchRow {
  return {
    id,
    page: `/posts/${id % 1_000}/a-title-as-found-in-weblogs`,
    visitor: `user-${(id * 7_919) % 100_000}`,
    country: id % 10 === 0 ? null : 'CH',
    duration: id / 7,
    views: id % 100,
    at: 1_700_000_000_000 + id,
  };
}

export const table = 'bench_rows';
/** As the sinks have them without further options; the bare loop keeps to the same. */
export const batchBounds = {
  clickhouse: { maxRows: 50_000, maxBytes: 8 * 1024 * 1024 },
  postgres: { maxRows: 10_000, maxBytes: 8 * 1024 * 1024 },
} as const;

const clickhouseColumns = {
  id: 'UInt64',
  page: 'String',
  visitor: 'String',
  country: 'LowCardinality(Nullable(String))',
  duration: 'Float64',
  views: 'UInt32',
  at: "DateTime64(3, 'UTC')",
} as const;

const postgresColumns = {
  id: 'bigint',
  page: 'text',
  visitor: 'text',
  country: 'text?',
  duration: 'double precision',
  views: 'integer',
  at: 'timestamptz',
} as const;

/** The sink as a user has it, but for the patience to be held back at the start. */
export function benchSink(kind: BenchKind, url: string): Sink<BenchRow> {
  const common = { name: 'bench', table, attemptTimeout: '300s' } as const;
  return kind === 'clickhouse'
    ? clickhouse({
        ...common,
        url,
        columns: clickhouseColumns,
        createTable: { orderBy: ['id'] },
      })
    : postgres({ ...common, connection: url, columns: postgresColumns, createTable: true });
}
