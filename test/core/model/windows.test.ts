import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hopping, tumbling, windowStarts } from '../../../src/core/model/windows.ts';
import { propertyOptions } from '../../support/property-options.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('windows', () => {
  it('tumbling windows hop by their size', () => {
    expect(tumbling('1 minute', { grace: '10 seconds' })).toEqual({
      kind: 'tumbling',
      sizeMs: 60_000,
      everyMs: 60_000,
      graceMs: 10_000,
    });
  });

  it('are frozen', () => {
    expect(Object.isFrozen(tumbling(1, { grace: 0 }))).toBe(true);
    expect(Object.isFrozen(hopping(2, { every: 1, grace: 0 }))).toBe(true);
  });

  it('of no size, or hopping past their size, are refused', () => {
    expect(thrownBy(() => tumbling(0, { grace: 0 })).code).toBe('BAD_WINDOW');
    expect(thrownBy(() => hopping(10, { every: 0, grace: 0 })).code).toBe('BAD_WINDOW');
    expect(thrownBy(() => hopping(10, { every: 11, grace: 0 })).code).toBe('BAD_WINDOW');
    expect(thrownBy(() => tumbling(10, { grace: -1 })).code).toBe('BAD_DURATION');
    expect(() => hopping(10, { every: 10, grace: 0 })).not.toThrow();
  });

  it('take the bounds they name: half-open', () => {
    const windows = tumbling(10, { grace: 0 });
    expect([0, 9, 10, 19, 20].map((t) => windowStarts(windows, t))).toEqual([
      [0],
      [0],
      [10],
      [10],
      [20],
    ]);
  });

  it('none starts before 1970', () => {
    expect(windowStarts(hopping(10, { every: 5, grace: 0 }), 3)).toEqual([0]);
  });

  it('the starts are exactly the multiples whose window holds the timestamp, ascending', () => {
    const sizes = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
      .map(([a, b]) => [Math.max(a, b), Math.min(a, b)] as const);
    const law = fc.property(sizes, fc.nat(200), ([size, every], timestamp) => {
      const all = Array.from({ length: 250 }, (_, index) => index * every);
      const holding = all.filter((start) => start <= timestamp && timestamp < start + size);
      expect(windowStarts(hopping(size, { every, grace: 0 }), timestamp)).toEqual(holding);
    });
    fc.assert(law, propertyOptions(300));
  });
});
