import { expectTypeOf } from 'vitest';
import type { Sink } from '../../src/core/sink/sink.ts';
import { clickhouse, type ColumnValue } from '../../src/sinks/clickhouse.ts';

const place = { name: 'sink', url: 'http://127.0.0.1:8123', table: 'views' } as const;

const sink = clickhouse({
  ...place,
  columns: {
    page: 'LowCardinality(String)',
    views: 'UInt64',
    share: 'Float32',
    at: "DateTime64(3, 'UTC')",
    country: 'Nullable(String)',
    tags: 'Array(LowCardinality(Nullable(String)))',
    properties: 'Map(String, Array(UInt8))',
    kind: "Enum8('view' = 1, 'sign up' = -2)",
    price: 'Decimal(18, 2)',
    isBot: 'Bool',
  },
  createTable: { orderBy: ['page', 'at'], engine: 'ReplacingMergeTree(views)' },
});

type Row = typeof sink extends Sink<infer R> ? R : never;

expectTypeOf<Row>().toEqualTypeOf<{
  readonly page: string;
  readonly views: number | bigint;
  readonly share: number;
  readonly at: number;
  readonly country: string | null;
  readonly tags: readonly (string | null)[];
  readonly properties: Readonly<Record<string, readonly number[]>>;
  readonly kind: 'view' | 'sign up';
  readonly price: string | number;
  readonly isBot: boolean;
}>();

expectTypeOf<ColumnValue<'Nullable(Date)'>>().toEqualTypeOf<string | null>();
expectTypeOf<ColumnValue<'FixedString(3)'>>().toEqualTypeOf<string>();
expectTypeOf<ColumnValue<"DateTime('UTC')">>().toEqualTypeOf<number>();
expectTypeOf<ColumnValue<'Tuple(a String)'>>().toEqualTypeOf<never>();

const small = clickhouse({ ...place, columns: { page: 'String', views: 'UInt32' } });

small.row.serialize({ page: '/a', views: 1 });
// @ts-expect-error A column is missing.
small.row.serialize({ page: '/a' });
// @ts-expect-error No column has this name.
small.row.serialize({ page: '/a', views: 1, more: 1 });
// @ts-expect-error Text is no number.
small.row.serialize({ page: '/a', views: '1' });
// @ts-expect-error The column takes no null.
small.row.serialize({ page: null, views: 1 });
// @ts-expect-error 32 bits are no bigint.
small.row.serialize({ page: '/a', views: 1n });
// @ts-expect-error An Enum has no such name.
sink.row.serialize({ kind: 'other' });

// @ts-expect-error This type cannot be written.
clickhouse({ ...place, columns: { page: 'String', x: 'Tuple(a String)' } });
clickhouse({
  ...place,
  columns: {
    page: 'String', // The error stands at the wrong column alone.
    // @ts-expect-error There is no such type.
    views: 'Uint64',
  },
});
// @ts-expect-error Nor an array of it.
clickhouse({ ...place, columns: { x: 'Array(JSON)' } });
// @ts-expect-error There is no such type.
clickhouse({ ...place, columns: { x: 'string' } });
// @ts-expect-error No column has the name of the sorting key.
clickhouse({ ...place, columns: { page: 'String' }, createTable: { orderBy: ['at'] } });
// @ts-expect-error Nor null or a value of it.
clickhouse({ ...place, columns: { x: 'Nullable(JSON)' } });
