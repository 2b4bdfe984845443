import { describe, expect, it } from 'vitest';
import { calendar } from '../../../src/core/model/calendar.ts';
import { session } from '../../../src/core/model/session-windows.ts';
import { sliding } from '../../../src/core/model/sliding-windows.ts';
import { unlimited } from '../../../src/core/model/unlimited.ts';
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

  it('name what JavaScript has forgotten, though it be all options', () => {
    const forgotten = (define: (...all: never[]) => unknown, ...given: unknown[]) =>
      thrownBy(() => define(...(given as never[]))); // as from JavaScript
    for (const define of [tumbling, session, sliding]) {
      const error = forgotten(define, '1m');
      expect(error).toMatchObject({ code: 'BAD_DURATION' });
      expect(error.message).toContain('grace is missing');
    }
    expect(forgotten(hopping, '1m').message).toContain('every is missing');
    expect(forgotten(unlimited).code).toBe('BAD_WINDOW');
    // The zone of this machine would be another one elsewhere.
    for (const given of [[], [{ grace: 0 }]]) {
      expect(forgotten(calendar, 'day', ...given).code).toBe('BAD_WINDOW');
    }
  });
});
