import { afterAll, beforeAll, expect, it } from 'vitest';
import { clickhouse } from '../../../src/sinks/clickhouse.ts';
import { type ClickhouseEngine, startClickhouse } from '../support/clickhouse-engine.ts';
import { batchOf, deliveryPlace } from '../support/delivery-place.ts';

let engine: ClickhouseEngine;
const { signal } = new AbortController();

beforeAll(async () => {
  engine = await startClickhouse();
});
afterAll(() => engine.stop());

/** What stands in the table, by SQL, after one value was delivered to a column of the type. */
async function delivered(type: string, value: unknown, sql: string): Promise<unknown> {
  const columns: Record<string, string> = { x: type };
  await engine.query('DROP TABLE IF EXISTS one');
  const sink = clickhouse({
    name: 'one',
    url: engine.url,
    table: 'one',
    columns: columns as { x: 'String' },
    createTable: { orderBy: [] },
  });
  const connection = sink.connect(deliveryPlace());
  await connection.open(signal);
  const line = sink.row.serialize({ x: value as string });
  await connection.apply(batchOf('t1', [line]));
  await connection.close();
  const [text] = await engine.query(`SELECT ${sql} AS y FROM one FORMAT JSONEachRow`);
  return (JSON.parse(text ?? '{}') as { readonly y: unknown }).y;
}

const odd = 'a"\\\n\r\t\u0000\u2028\u007fé😀{}\'`';

it.each<[type: string, value: unknown, sql: string, expected: unknown]>([
  ['String', odd, 'x', odd],
  ['String', '', 'length(x)', 0],
  ['FixedString(3)', 'é', 'hex(x)', 'C3A900'],
  ['UUID', '61f0c404-5cb3-11e7-907b-a6006ad3dba0', 'x', '61f0c404-5cb3-11e7-907b-a6006ad3dba0'],
  ['IPv4', '127.0.0.1', 'toUInt32(x)', 2_130_706_433],
  ['IPv6', '2001:db8::1', 'toString(x)', '2001:db8::1'],
  ['Bool', true, 'toTypeName(x) || toString(x)', 'Booltrue'],
  ['UInt8', 255, 'x', 255],
  ['Int64', -(2n ** 63n), 'toString(x)', `${-(2n ** 63n)}`],
  ['UInt64', 2n ** 64n - 1n, 'toString(x)', `${2n ** 64n - 1n}`],
  ['UInt64', Number.MAX_SAFE_INTEGER, 'toString(x)', '9007199254740991'],
  ['Int256', 2n ** 255n - 1n, 'toString(x)', `${2n ** 255n - 1n}`],
  ['Float64', -0, "hex(x) || ''", '0000000000000080'],
  ['Float64', Number.NaN, 'isNaN(x)', 1],
  ['Float64', Number.NEGATIVE_INFINITY, 'toString(x)', '-inf'],
  ['Float64', 5e-324, 'reinterpretAsUInt64(x) = 1', 1],
  ['Float64', 1e21, 'x = 1e21', 1],
  ['Float64', Number.MAX_VALUE, 'toString(x)', '1.7976931348623157e308'],
  ['Float64', 0.1 + 0.2, 'toString(x)', '0.30000000000000004'],
  ['Nullable(Float64)', Number.NaN, 'isNull(x)', 0],
  ['Nullable(Float64)', null, 'isNull(x)', 1],
  ['Decimal(18, 4)', '-12345678901234.5678', 'toString(x)', '-12345678901234.5678'],
  ['Decimal(76, 2)', `${'9'.repeat(74)}.99`, 'toString(x)', `${'9'.repeat(74)}.99`],
  ['Date', '2149-06-06', 'toString(x)', '2149-06-06'],
  ['Date32', '1900-01-01', 'toString(x)', '1900-01-01'],
  ["DateTime('America/New_York')", 1_711_846_800_000, 'toUnixTimestamp(x)', 1_711_846_800],
  ['DateTime', 4_294_967_295_000, 'toUnixTimestamp(x)', 4_294_967_295],
  ["DateTime64(3, 'Asia/Kathmandu')", -1, "toString(x, 'UTC')", '1969-12-31 23:59:59.999'],
  ['DateTime64(3)', -2_208_988_800_000, "toString(x, 'UTC')", '1900-01-01 00:00:00.000'],
  ['DateTime64(3)', 10_413_791_999_999, "toString(x, 'UTC')", '2299-12-31 23:59:59.999'],
  ['DateTime64(9)', 1_700_000_000_123, 'toString(toUnixTimestamp64Nano(x))', '1700000000123000000'],
  ['DateTime64(1)', 1_700_000_000_100, "toString(x, 'UTC')", '2023-11-14 22:13:20.1'],
  ["Enum8('a' = 1, 'it\\'s, b' = 2)", "it's, b", 'toInt8(x)', 2],
  ['LowCardinality(Nullable(String))', 'a', 'x', 'a'],
  ['Array(Nullable(UInt8))', [1, null, 3], 'x', [1, null, 3]],
  ['Array(Array(String))', [[], ['a', 'b']], 'x', [[], ['a', 'b']]],
  ['Map(String, UInt64)', { a: 1, b: 2n ** 64n - 1n }, "toString(x['b'])", `${2n ** 64n - 1n}`],
])('a value of %s is there as it was given (%$)', async (type, value, sql, expected) => {
  expect(await delivered(type, value, sql)).toEqual(expected);
});
