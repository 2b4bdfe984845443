import { describe, expect, it } from 'vitest';
import type { OutputRecord } from '../support/operator-driver.ts';
import type { Turn } from '../support/run-modes.ts';
import type { ConformanceCase } from './case-file.ts';
import { findMismatch } from './compare.ts';

const answer: ConformanceCase = {
  id: 'sample',
  steps: [],
  records: [],
  expected: [
    { by: 0, topic: 'out', key: 'a', value: '1', timestamp: 3, window: [0, 10] },
    { by: 2, topic: 'out', key: 'a', value: 'x', timestamp: 4 },
    { by: 2, topic: 'out', key: null, value: null, timestamp: 5 },
  ],
  drops: [{ by: 1, reason: 'late' }],
  compare: 'ordered',
};

const windowed: OutputRecord = {
  key: { key: 'a', startMs: 0, endMs: 10 },
  value: '1',
  timestamp: 3,
};
const second: OutputRecord = { key: 'a', value: 'x', timestamp: 4 };
const third: OutputRecord = { key: null, value: null, timestamp: 5 };

function turn(by: number | null, records: readonly OutputRecord[], drops: string[] = []): Turn {
  return { by, outputs: new Map([['out', records]]), drops };
}

const right = [turn(0, [windowed]), turn(1, [], ['late']), turn(2, [second, third])];
const atOnce = [turn(null, [windowed, second, third], ['late'])];
const swapped = [turn(0, [windowed]), turn(1, [], ['late']), turn(2, [third, second])];

describe('an answer', () => {
  it('agrees with itself, turn by turn and all at once', () => {
    expect(findMismatch(answer, ['out'], right)).toBeNull();
    expect(findMismatch(answer, ['out'], atOnce)).toBeNull();
  });

  it('compared as sets agrees in any order within a turn, but not across turns', () => {
    const asSet: ConformanceCase = { ...answer, compare: 'per-input-set' };
    expect(findMismatch(asSet, ['out'], swapped)).toBeNull();
    expect(findMismatch(asSet, ['out'], [turn(null, [third, second, windowed], ['late'])])).toMatch(
      /by 0/,
    );
  });

  it.each([
    ['a missing record', [turn(0, [windowed]), turn(1, [], ['late']), turn(2, [second])]],
    ['one too many', [...right, turn(3, [second])]],
    ['another order', swapped],
    ['another turn', [turn(0, []), turn(1, [windowed], ['late']), turn(2, [second, third])]],
    ['another window', [turn(null, [{ ...windowed, key: 'a' }, second, third], ['late'])]],
    ['another timestamp', [turn(null, [windowed, { ...second, timestamp: 9 }, third], ['late'])]],
    ['the text null', [turn(null, [windowed, second, { ...third, value: 'null' }], ['late'])]],
    ['no drop', [turn(null, [windowed, second, third])]],
    ['another drop', [turn(null, [windowed, second, third], ['null-key'])]],
    ['a drop in another turn', [turn(0, [windowed], ['late']), turn(2, [second, third])]],
  ])('disagrees with %s', (_, turns) => {
    expect(findMismatch(answer, ['out'], turns)).not.toBeNull();
  });
});
