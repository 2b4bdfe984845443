import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { postgres } from '../../../src/sinks/postgres.ts';
import { thrownBy } from '../../support/thrown.ts';

const base = {
  name: 'views',
  connection: 'postgres://app:secret@localhost/web',
  table: 'views',
  columns: { page: 'text', views: 'bigint', country: 'text?' },
} as const;

describe('a sink for PostgreSQL', () => {
  it('tells its table and its key, and nothing of the server', () => {
    const sink = postgres({ ...base, key: ['page'] });
    expect(sink).toMatchObject({ kind: 'postgres', name: 'views', attemptTimeoutMs: 30_000 });
    expect(sink.detail).toEqual({ sink: 'postgres', table: 'public.views', key: ['page'] });
    expect(postgres({ ...base, schema: 'a b' }).detail).toEqual({
      sink: 'postgres',
      table: 'a b.views',
    });
    expect(inspect(sink, { depth: 20, showHidden: true })).not.toContain('secret');
  });

  it('writes the columns of a row and no other field, what it cannot be included', () => {
    const { row } = postgres(base);
    expect(row).toMatchObject({ format: 'postgres-json', version: 1 });
    const full = { page: 'a"b', views: 2n ** 63n, country: null, more: 1 };
    expect(row.serialize(full)).toBe('{"page":"a\\"b","views":9223372036854775808,"country":null}');
    const wrong = { page: undefined, views: NaN, country: () => 1 };
    const text = row.serialize(wrong as unknown as typeof full);
    expect(text).toBe('{"page":null,"views":"NaN","country":null}');
    expect(row.deserialize(Buffer.from(text))).toEqual({ page: null, views: 'NaN', country: null });
  });

  it.each<[string, object]>([
    ['no columns', { columns: {} }],
    ['a type that is not known', { columns: { page: 'varchar' } }],
    ['a type that is a name of every object', { columns: { page: 'toString' } }],
    ['a column without a name', { columns: { '': 'text' } }],
    ['a column whose name would be cut off', { columns: { ['x'.repeat(64)]: 'text' } }],
    ['a table without a name', { table: '' }],
    ['a schema with a zero byte', { schema: 'a\0b' }],
    ['a key that is no column', { key: ['nothing'] }],
    ['a key that may be null', { key: ['country'] }],
    ['a column twice in the key', { key: ['page', 'page'] }],
    ['an address that is none', { connection: 'localhost:5432 password=secret' }],
    ['an address that cannot be read', { connection: 'postgres://app:secret@host:port/web' }],
  ])('refuses %s', (_, change) => {
    const error = thrownBy(() => postgres({ ...base, ...change }));
    expect(error.code).toBe('BAD_OPTION');
    expect(inspect(error)).not.toContain('secret');
  });
});
