import { describe, expect, it } from 'vitest';
import { KeyFilter } from '../../src/state/key-filter.ts';

describe('the filter of keys', () => {
  it('has every key that was added, and few others', () => {
    const filter = new KeyFilter(1024);
    let count = 0;
    for (; !filter.isFull; count++) filter.add(`key-${count}`, count);
    expect(filter.bytes).toBe(1024);
    expect(count).toBe(1024);
    for (let index = 0; index < count; index++) {
      expect(filter.mayHave(`key-${index}`, index)).toBe(true);
    }
    let wrong = 0;
    for (let index = count; index < 11 * count; index++) {
      if (filter.mayHave(`key-${index}`, index)) wrong++;
    }
    expect(wrong / (10 * count)).toBeLessThan(0.05);
  });

  it('tells ends of windows apart, and empty text', () => {
    const filter = new KeyFilter(4096);
    filter.add('', 1_700_000_000_000);
    expect(filter.mayHave('', 1_700_000_000_000)).toBe(true);
    expect(filter.mayHave('', 1_700_000_060_000)).toBe(false);
  });

  it('is empty once it is cleared', () => {
    const filter = new KeyFilter(100);
    filter.add('a', 0);
    filter.clear();
    expect([filter.bytes, filter.mayHave('a', 0)]).toEqual([64, false]);
  });
});
