import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTimestamp } from '../../../src/topologies/events/timestamp.ts';
import { propertyOptions } from '../../support/property-options.ts';

it('reads what Date writes', () => {
  const law = fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (timeMs) => {
    expect(parseTimestamp(new Date(timeMs).toISOString())).toBe(timeMs);
    expect(parseTimestamp(timeMs)).toBe(timeMs);
  });
  fc.assert(law, propertyOptions(1000));
});

it('reads texts with offsets as Date does', () => {
  const pad = (value: number) => String(value).padStart(2, '0');
  const offset = fc
    .tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59))
    .map(([sign, hours, minutes]) => `${sign}${pad(hours)}:${pad(minutes)}`);
  const law = fc.property(fc.integer({ min: 1e9, max: 4e12 }), offset, (timeMs, own) => {
    const text = new Date(timeMs).toISOString().replace('Z', own);
    const expected = new Date(text).getTime();
    expect(parseTimestamp(text)).toBe(expected < 0 ? null : expected);
  });
  fc.assert(law, propertyOptions(500));
});

it.each([
  ['2024-02-29T00:00:00Z', 1_709_164_800_000],
  ['2024-02-29 00:00:00.1234+0000', 1_709_164_800_123],
  ['1970-01-01t00:00:00z', 0],
])('reads %s', (text, timeMs) => {
  expect(parseTimestamp(text)).toBe(timeMs);
});

it.each([
  '2023-02-29T00:00:00Z',
  '2024-04-31T00:00:00Z',
  '2024-00-10T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-01-01T24:00:00Z',
  '2024-01-01T00:00:60Z',
  '2024-01-01T00:00:00',
  '2024-01-01',
  ' 2024-01-01T00:00:00Z',
  '2024-01-01T00:00:00Z\n',
  '2024-01-01T00:00:00+24:00',
  '1969-12-31T23:59:59Z',
  '1704067200000',
  'now',
  '',
  1.5,
  -1,
  8.64e15 + 2,
  NaN,
  10n,
  null,
  undefined,
  {},
  new Date(0),
])('refuses %s', (value: unknown) => {
  expect(parseTimestamp(value)).toBeNull();
});
