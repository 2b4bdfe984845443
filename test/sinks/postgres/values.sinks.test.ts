import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postgres } from '../../../src/sinks/postgres.ts';
import { propertyOptions } from '../../support/property-options.ts';
import { deliveryPlace } from '../support/delivery-place.ts';
import { hasPostgres, onPostgres } from '../support/on-postgres.ts';

const every = {
  'a "text"': 'text',
  boolean: 'boolean',
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  real: 'real',
  double: 'double precision',
  numeric: 'numeric',
  at: 'timestamptz',
  date: 'date',
  uuid: 'uuid',
  inet: 'inet',
  jsonb: 'jsonb',
  tags: 'text[]',
  nothing: 'bigint?',
} as const;

const row = {
  'a "text"': "it's a \u2028 \\ tab\t",
  boolean: true,
  smallint: -32_768,
  integer: 2_147_483_647,
  bigint: 9_223_372_036_854_775_807n,
  real: 1.5,
  double: 5e-324,
  numeric: '12345678901234567890.123456789',
  at: -1,
  date: '2024-02-29',
  uuid: '6f1d0c1e-0b5a-4d53-9d1c-1f0a3c1c2b3a',
  inet: '2001:db8::1',
  jsonb: { deep: [1, 'a', null] },
  tags: ['a,b', '{}', '"'],
  nothing: null,
};

describe.skipIf(!hasPostgres)('values', () => {
  const on = onPostgres();
  const write = async (...rows: readonly (typeof row)[]) => {
    const sink = postgres({
      name: 'values',
      connection: on.url,
      table: 'every',
      columns: every,
      createTable: true,
    });
    const delivery = sink.connect(deliveryPlace());
    const { next = 0 } = (await delivery.open(AbortSignal.any([]))) ?? {};
    const bytes = rows.map((one) => Buffer.from(sink.row.serialize(one)));
    const signal = AbortSignal.any([]);
    const to = next + rows.length;
    await delivery.apply({ token: '', from: next, to, rows: bytes, signal });
    await delivery.close();
  };

  it('of each type are there as they were given', async () => {
    await write(row, { ...row, double: NaN, real: -Infinity, bigint: 9_007_199_254_740_993n });
    const texts = Object.keys(every).map((name) => `"${name.replaceAll('"', '""')}"::text`);
    expect(await on.rows(`SELECT ${texts.join(', ')} FROM every ORDER BY double`)).toEqual([
      {
        'a "text"': row['a "text"'],
        boolean: 'true',
        smallint: '-32768',
        integer: '2147483647',
        bigint: '9223372036854775807',
        real: '1.5',
        double: '5e-324',
        numeric: row.numeric,
        at: '1969-12-31 23:59:59.999+00',
        date: row.date,
        uuid: row.uuid,
        inet: '2001:db8::1/128',
        jsonb: '{"deep": [1, "a", null]}',
        tags: '{"a,b","{}","\\""}',
        nothing: null,
      },
      expect.objectContaining({ double: 'NaN', real: '-Infinity', bigint: '9007199254740993' }),
    ]);
  });

  it('any text, number and time comes back as it was', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0'));
    // From 4713 BC to the last that ECMAScript has.
    const at = fc.integer({ min: -210_866_803_200_000, max: 8.64e15 });
    const value = fc.record({ text, at, double: fc.double(), integer: fc.integer() });
    const one = fc.array(value, { minLength: 1, maxLength: 20 });
    const law = fc.asyncProperty(one, async (values) => {
      await write(...values.map(({ text, ...rest }) => ({ ...row, ...rest, 'a "text"': text })));
      const found = await on.rows(
        `SELECT "a ""text""" AS text, extract(epoch FROM at) * 1000 AS at, double, integer FROM every`,
      );
      await on.rows('TRUNCATE every');
      const seen = found.map((one) => ({ ...one, at: 'at' in one && Number(one.at) }));
      expect(seen).toEqual(values);
    });
    await fc.assert(law, { ...propertyOptions(50) });
  });
});
