import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Duration, durationMs, maxTimeMs } from '../../../src/core/model/duration.ts';
import { propertyOptions } from '../../support/property-options.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('durationMs', () => {
  const cases: [Duration, number][] = [
    [0, 0],
    [250, 250],
    ['0ms', 0],
    ['7ms', 7],
    ['1 millisecond', 1],
    ['30s', 30_000],
    ['1 second', 1000],
    ['2 seconds', 2000],
    ['1 minute', 60_000],
    ['5 minutes', 300_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['2 hours', 7_200_000],
    ['1d', 86_400_000],
    ['3 days', 259_200_000],
    ['1w', 604_800_000],
    ['2 weeks', 1_209_600_000],
    ['1.5s', 1500],
    ['1.001s', 1001],
    ['0.1 days', 8_640_000],
    [maxTimeMs, maxTimeMs],
  ];
  it.each(cases)('%j is %d', (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  const refused: unknown[] = [
    -1,
    1.5,
    NaN,
    Infinity,
    maxTimeMs + 2,
    '',
    's',
    '1',
    '1 month',
    '1ss',
    '1mss',
    '-1s',
    '1e3s',
    '0.0001s',
    '1  s',
    ' 1s',
    '1S',
    '1 constructor',
    '1__proto__',
  ];
  it.each(refused)('%j is refused', (duration) => {
    const call = () => durationMs(duration as Duration); // what the type forbids
    expect(thrownBy(call).code).toBe('BAD_DURATION');
  });

  it('a refusal names the option, and says if it was forgotten', () => {
    const refusal = (name: string | undefined, duration?: string) =>
      thrownBy(() => durationMs(duration as Duration, name)).message; // what the type forbids
    expect(refusal('grace')).toMatch(/^grace is missing: write/);
    expect(refusal('grace', '1 minuet')).toMatch(/^grace: '1 minuet' is not a duration: write/);
    expect(refusal(undefined, '1 minuet')).toMatch(/^'1 minuet' is not a duration: write/);
  });

  it('thousandths of seconds are exact', () => {
    const law = fc.property(fc.nat(10_000_000), (ms) => {
      expect(durationMs(`${(ms / 1000).toFixed(3)}s` as Duration)).toBe(ms); // digits and a unit
    });
    fc.assert(law, propertyOptions(300));
  });

  it('text is typed', () => {
    expectTypeOf<'1 minute'>().toExtend<Duration>();
    expectTypeOf<'1d'>().toExtend<Duration>();
    expectTypeOf<'1 month'>().not.toExtend<Duration>();
    expectTypeOf<'soon'>().not.toExtend<Duration>();
  });
});
