import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SerdeError } from '../../../src/core/model/errors.ts';
import { clickhouse } from '../../../src/sinks/clickhouse.ts';
import { propertyOptions } from '../../support/property-options.ts';

/** The serde of one column that is called `x`; the type of its value is not checked here. */
function column(type: string) {
  const columns: Record<string, string> = { x: type };
  const sink = clickhouse({
    name: 'sink',
    url: 'http://127.0.0.1:8123',
    table: 'table',
    columns: columns as { x: 'String' },
  });
  const line = (value: unknown): string => String(sink.row.serialize({ x: value as string }));
  return {
    text: (value: unknown) => /^\{"x":(.*)\}$/s.exec(line(value))?.[1],
    readBack: (value: unknown): unknown =>
      (sink.row.deserialize(Buffer.from(line(value))) as { x: unknown }).x, // as it was written
  };
}

const nanoseconds = 'DateTime64(9)';

describe('a value is written so that ClickHouse reads it exactly', () => {
  it.each<[type: string, value: unknown, text: string]>([
    ['String', 'a"\\\n\u0000\u2028é😀', '"a\\"\\\\\\n\\u0000\u2028é😀"'],
    ['FixedString(3)', 'é', '"é"'],
    ['UUID', '61f0c404-5cb3-11e7-907b-a6006ad3dba0', '"61f0c404-5cb3-11e7-907b-a6006ad3dba0"'],
    ['Bool', false, 'false'],
    ['UInt8', 255, '255'],
    ['Int8', -128, '-128'],
    ['Int32', -0, '0'],
    ['UInt64', 18_446_744_073_709_551_615n, '"18446744073709551615"'],
    ['Int64', 5n, '5'],
    ['Int128', -(2n ** 127n), `"${-(2n ** 127n)}"`],
    ['Float64', -0, '-0'],
    ['Float64', 0.1 + 0.2, '0.30000000000000004'],
    ['Float64', 5e-324, '5e-324'],
    ['Float64', Number.NaN, '"nan"'],
    ['Float32', Number.POSITIVE_INFINITY, '"inf"'],
    ['Float64', Number.NEGATIVE_INFINITY, '"-inf"'],
    ['Decimal(10, 2)', '-12.30', '"-12.30"'],
    ['Decimal(10, 2)', 12.3, '"12.3"'],
    ['Decimal(4, 0)', 1234, '"1234"'],
    ['Decimal(2, 2)', '0.99', '"0.99"'],
    ['Date', '2024-02-29', '"2024-02-29"'],
    ['Date32', '1900-01-01', '"1900-01-01"'],
    ['DateTime', 1_700_000_000_000, '1700000000'],
    ["DateTime('Asia/Kathmandu')", 0, '0'],
    ['DateTime64(3)', 1_700_000_000_123, '1700000000123'],
    ["DateTime64(3, 'America/New_York')", -1, '-1'],
    ['DateTime64(1)', 1_700_000_000_100, '17000000001'],
    [nanoseconds, 1_700_000_000_123, '1700000000123000000'],
    [nanoseconds, 0, '0'],
    ["Enum8('a' = 1, 'it\\'s' = 2)", "it's", '"it\'s"'],
    ['Nullable(String)', null, 'null'],
    ['Nullable(Float64)', Number.NaN, '"nan"'],
    ['LowCardinality(Nullable(String))', 'a', '"a"'],
    ['Array(Nullable(UInt8))', [1, null, 255], '[1,null,255]'],
    ['Array(Array(String))', [[], ['a']], '[[],["a"]]'],
    ['Map(String, UInt64)', { a: 1, __proto__x: 2n ** 63n }, `{"a":1,"__proto__x":"${2n ** 63n}"}`],
  ])('%s: %s', (type, value, text) => {
    expect(column(type).text(value)).toBe(text);
  });
});

describe('what a column cannot hold exactly is refused', () => {
  it.each<[type: string, value: unknown]>([
    ['String', undefined],
    ['String', null],
    ['String', 5],
    ['String', 'half a pair: \ud800'],
    ['Nullable(String)', undefined],
    ['FixedString(3)', 'éé'],
    ['UUID', 'none'],
    ['Bool', 1],
    ['UInt8', 256],
    ['UInt8', -1],
    ['UInt8', 1.5],
    ['UInt8', '1'],
    ['UInt32', Number.NaN],
    ['Int64', 2 ** 53],
    ['UInt64', 2n ** 64n],
    ['Int64', -(2n ** 63n) - 1n],
    ['Float64', 5n],
    ['Float32', 1e39],
    ['Decimal(10, 2)', '12.345'],
    ['Decimal(10, 2)', '123456789.00'],
    ['Decimal(10, 2)', 1e21],
    ['Decimal(10, 2)', ''],
    ['Decimal(10, 2)', '-'],
    ['Decimal(10, 2)', Number.NaN],
    ['Date', '2023-02-29'],
    ['Date', '2024-13-01'],
    ['Date', '2024-1-1'],
    ['Date', '1969-12-31'],
    ['Date', '2149-06-07'],
    ['DateTime', 1_500],
    ['DateTime', -1_000],
    ['DateTime', 4_294_967_296_000],
    ['DateTime64(3)', 0.5],
    ['DateTime64(3)', new Date(5)],
    ['DateTime64(3)', Number.NaN],
    ['DateTime64(2)', 15],
    ['DateTime64(3)', -2_208_988_800_001],
    ['DateTime64(3)', 10_413_792_000_000],
    [nanoseconds, 9_223_372_036_855],
    ["Enum8('a' = 1)", 'b'],
    ['Array(String)', 'a'],
    ['Array(String)', [null]],
    ['Array(UInt8)', Array.from({ length: 3 }).fill(1, 2)],
    ['Array(UInt8)', new Array<number>(2)],
    ['Map(String, UInt8)', []],
    ['Map(String, UInt8)', null],
    ['Map(String, UInt8)', { a: 256 }],
  ])('%s: %s', (type, value) => {
    expect(() => column(type).text(value)).toThrow(SerdeError);
  });

  it('and the message names the column and what it takes, not the value', () => {
    const write = () => column('Array(UInt8)').text([1, 4711]);
    expect(write).toThrow(/column 'x' takes whole numbers from 0 to 255/);
    expect(write).not.toThrow(/4711/);
  });
});

it('what was written is read back as it was given', () => {
  const cases: readonly (readonly [string, fc.Arbitrary<unknown>])[] = [
    ['String', fc.string({ unit: 'binary' })],
    ['Float64', fc.double()],
    ['Int32', fc.integer()],
    ['UInt64', fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })],
    ['DateTime64(3)', fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 })],
    ['DateTime64(6)', fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 })],
    [nanoseconds, fc.integer({ min: -2_208_988_800_000, max: 9_223_372_036_854 })],
    [
      'Map(String, Array(Nullable(Bool)))',
      fc.dictionary(fc.string(), fc.array(fc.option(fc.boolean()))),
    ],
  ];
  for (const [type, values] of cases) {
    const { readBack } = column(type);
    fc.assert(
      fc.property(values, (value) => {
        expect(readBack(value)).toEqual(value);
      }),
      propertyOptions(100),
    );
  }
});

it('a row of before a column was added is read without it', () => {
  const sink = clickhouse({
    name: 'sink',
    url: 'http://127.0.0.1:8123',
    table: 'table',
    columns: { old: 'String', added: 'Nullable(UInt8)' },
  });
  expect(sink.row.deserialize(Buffer.from('{"old":"a"}'))).toEqual({ old: 'a' });
  expect(() => sink.row.deserialize(Buffer.from('a secret'))).toThrow('no row of this sink');
});
