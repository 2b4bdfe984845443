import { describe, expect, it } from 'vitest';
import { andThen, isPromise } from '../../../src/core/model/maybe-promise.ts';

describe('andThen', () => {
  it('goes on at once with a value that is there', () => {
    expect(andThen(2, (value) => value + 1)).toBe(3);
  });

  it('waits for one that is not', async () => {
    const later = andThen(Promise.resolve(2), (value) => value + 1);
    expect(isPromise(later)).toBe(true);
    expect(await later).toBe(3);
  });

  it('a throw at once is a throw, a rejection is passed on', async () => {
    const fail = () => {
      throw new Error('no');
    };
    expect(() => andThen(1, fail)).toThrow('no');
    await expect(andThen(Promise.resolve(1), fail)).rejects.toThrow('no');
  });
});
