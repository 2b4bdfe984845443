import { describe, expect, it } from 'vitest';
import type { Row } from '../../../src/core/model/record.ts';
import type { Windowed } from '../../../src/core/model/windows.ts';
import { EndTimers } from '../../../src/core/task/end-timers.ts';
import type { RowsByEnd } from '../../../src/core/topology/processor.ts';

type Found = readonly [Windowed<unknown>, Row<unknown>];

/** A store of rows with these ends, which change under the hands of the test. */
function storeOf(ends: number[], isSlow: boolean): RowsByEnd {
  return {
    openScan({ gteEndMs, ltEndMs }) {
      const left = ends
        .filter((endMs) => endMs >= gteEndMs && endMs < ltEndMs)
        .sort((a, b) => a - b)
        .map((endMs): Found => [
          { key: 'k', startMs: 0, endMs },
          { value: 1, timestamp: 0 },
        ]);
      const next = (maxEntries: number) => left.splice(0, maxEntries);
      return {
        next: (maxEntries) => (isSlow ? Promise.resolve(next(maxEntries)) : next(maxEntries)),
        close: () => (isSlow ? Promise.resolve() : undefined),
      };
    },
  };
}

function timersOf(store: RowsByEnd, passedMs = -1) {
  const timers = new EndTimers({ node: 'n', nodeOrder: 0, store, delayMs: 5, passedMs });
  const due = async (timeMs: number) => {
    const taken: number[] = [];
    for (;;) {
      await timers.reach(timeMs);
      const endMs = timers.peekDue(timeMs);
      if (endMs === null) return taken;
      timers.take(endMs);
      taken.push(endMs);
    }
  };
  return { timers, due };
}

describe.each([
  ['at once', false],
  ['later', true],
])('ends of windows over scans that answer %s', (_label, isSlow) => {
  it('are due in order, each once, the delay after them', async () => {
    const { timers, due } = timersOf(storeOf([], isSlow));
    expect(await due(5)).toEqual([]);
    for (const endMs of [30, 10, 20, 10]) timers.opened(endMs);
    expect(await due(14)).toEqual([]);
    expect(timers.nextMs).toBe(15);
    expect(await due(25)).toEqual([10, 20]);
    expect(await due(100)).toEqual([30]);
  });

  it('are read from the store at a start, but for those that have passed', async () => {
    const { timers, due } = timersOf(storeOf([10, 11, 11, 20], isSlow), 10);
    timers.opened(15);
    expect(timers.nextEndMs).toBeLessThanOrEqual(11);
    // The store holds what was put before the first look as well.
    expect(await due(16)).toEqual([11]);
    expect(await due(100)).toEqual([20]);
  });

  it('are due no more once all rows with them have left', async () => {
    const { timers, due } = timersOf(storeOf([40, 40, 50], isSlow));
    expect(await due(5)).toEqual([]);
    for (const endMs of [10, 10, 20]) timers.opened(endMs);
    for (const endMs of [10, 20, 40, 40]) timers.left(endMs);
    expect(await due(100)).toEqual([10, 50]);
  });

  it('of an undone unit are as they were before it', async () => {
    const { timers, due } = timersOf(storeOf([], isSlow));
    await due(5);
    timers.opened(10);
    timers.beginUnit();
    timers.left(10);
    timers.opened(20);
    timers.undo();
    timers.beginUnit();
    timers.opened(30);
    timers.endUnit();
    expect(await due(100)).toEqual([10, 30]);
  });

  it('of more than memory holds are due in order, each once', async () => {
    const ends = Array.from({ length: 60_000 }, (_, index) => (index * 7919) % 60_000);
    const known = ends.slice(0, 500);
    const { timers, due } = timersOf(storeOf(known, isSlow));
    await due(5);
    for (const endMs of ends.slice(500)) {
      known.push(endMs);
      timers.opened(endMs);
    }
    const taken = [...(await due(30_000)), ...(await due(100_000))];
    // What was due at the first look was all there was by then.
    const expected = ends.toSorted((a, b) => a - b);
    expect(taken).toEqual(expected.filter((endMs) => endMs > 0));
  });
});
