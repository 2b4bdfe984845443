import { expectTypeOf } from 'vitest';
import { type Sink, TopologyBuilder, json, string } from '../../src/index.ts';
import { postgres, type PostgresRow } from '../../src/sinks/postgres.ts';

const base = { name: 'views', connection: 'postgres://localhost/web', table: 'views' };
const views = postgres({
  ...base,
  columns: { page: 'text', views: 'bigint', at: 'timestamptz', country: 'text?', tags: 'text[]' },
  key: ['page'],
});

interface View {
  readonly page: string;
  readonly views: number | bigint;
  readonly at: number;
  readonly country: string | null;
  readonly tags: readonly string[];
}

expectTypeOf(views).toEqualTypeOf<Sink<View>>();
expectTypeOf<PostgresRow<{ n: 'numeric?'; o: 'jsonb' }>>().toEqualTypeOf<{
  readonly n: number | bigint | string | null;
  readonly o: object | string | number | boolean;
}>();

const row: View = { page: '/', views: 1, at: 0, country: null, tags: [] };
views.row.serialize(row);
views.row.serialize({ ...row, views: 1n });
// @ts-expect-error a page is a text
views.row.serialize({ ...row, page: 1 });
// @ts-expect-error only columns with `?` may be null
views.row.serialize({ ...row, page: null });
// @ts-expect-error a column that may be null is named as well
views.row.serialize({ page: '/', views: 1, at: 0, tags: [] });

const stream = new TopologyBuilder('types').stream('views', { key: string(), value: json<View>() });
stream.toSink(views);
// @ts-expect-error the rows are not those of the table
stream.mapValues(({ page }) => ({ page })).toSink(views);

// @ts-expect-error no type of PostgreSQL that is known here
postgres({ ...base, columns: { page: 'varchar(9)' } });
// @ts-expect-error the key is one of the columns
postgres({ ...base, columns: { page: 'text' }, key: ['pages'] });
// @ts-expect-error the key is never null
postgres({ ...base, columns: { page: 'text?' }, key: ['page'] });
// @ts-expect-error a key has columns
postgres({ ...base, columns: { page: 'text' }, key: [] });
