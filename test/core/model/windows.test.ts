import { describe, expect, it } from 'vitest';
import { hopping, tumbling } from '../../../src/core/model/windows.ts';
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
});
