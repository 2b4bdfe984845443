import { expect } from 'vitest';
import type { WindowStore } from '../../src/state/store.ts';
import { commit, entriesOf, rest } from '../state/support.ts';
import type { StateLaws } from './state-subject.ts';

const row = (value: number) => ({ value, timestamp: value });
type Store = WindowStore<string, number>;

const found = async (store: Store, gteEndMs: number, ltEndMs: number) =>
  (await entriesOf(store, { gteEndMs, ltEndMs })).map(
    ([{ key, startMs, endMs }, { value }]) => `${key}@${startMs}-${endMs}=${value}`,
  );
const everything = (store: Store) => found(store, 0, Infinity);

/** What operators rely on in a window store. */
export const windowStoreLaws: StateLaws = {
  'key, start and end tell rows apart, committed or not': async ({ state, counts }) => {
    counts.put('a', 0, 10, row(1));
    counts.put('a', 5, 10, row(2));
    counts.put('a', 0, 20, row(3));
    counts.put('b', 0, 10, row(4));
    const check = () => {
      const values = [
        counts.get('a', 0, 10),
        counts.get('a', 5, 10),
        counts.get('a', 0, 20),
        counts.get('b', 0, 10),
        counts.get('b', 5, 10),
      ];
      expect(values.map((found) => found?.value)).toEqual([1, 2, 3, 4, undefined]);
    };
    check();
    await commit(state, 1);
    check();
    counts.put('a', 5, 10, null);
    counts.put('a', 0, 20, row(5));
    expect(counts.get('a', 0, 10)).toEqual(row(1));
    expect(counts.get('a', 5, 10)).toBeUndefined();
    await commit(state, 2);
    expect(await everything(counts)).toEqual(['a@0-10=1', 'b@0-10=4', 'a@0-20=5']);
  },
  'rows lie in order of end, encoded key, start': async ({ state, counts }) => {
    const far = 2 ** 40;
    counts.put('a', 0, far, row(6));
    counts.put('a\0b', 0, 256, row(3));
    counts.put('a', 7, 256, row(2));
    await commit(state, 1);
    counts.put('b', 0, 9, row(0));
    counts.put('ab', 0, 256, row(4));
    counts.put('a', 3, 256, row(1));
    counts.put('a', 0, 257, row(5));
    const values = (await entriesOf(counts, { gteEndMs: 0, ltEndMs: Infinity })).map(
      ([, { value }]) => value,
    );
    expect(values).toEqual([0, 1, 2, 3, 4, 5, 6]);
  },
  'a scan holds its bounds: the first end is in, the last is not': async ({ state, counts }) => {
    for (const endMs of [10, 30]) counts.put('a', 0, endMs, row(endMs));
    await commit(state, 1);
    for (const endMs of [20, 40]) counts.put('a', 0, endMs, row(endMs));
    expect(await found(counts, 20, 40)).toEqual(['a@0-20=20', 'a@0-30=30']);
    expect(await found(counts, 11, 20)).toEqual([]);
    expect(await found(counts, 40, 10)).toEqual([]);
  },
  'a scan sees the writes made before it and none made after': async ({ state, counts }) => {
    counts.put('a', 0, 10, row(1));
    await commit(state, 1);
    counts.put('b', 0, 10, row(2));
    const scan = counts.openScan({ gteEndMs: 10, ltEndMs: 11 });
    counts.remove('a', 0, 10);
    counts.put('b', 0, 10, row(9));
    counts.put('c', 0, 10, row(3));
    await commit(state, 2);
    const values = (await rest(scan, 1)).map(([{ key }, { value }]) => [key, value]);
    expect(values).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  },
  'removing is no change: the row is gone, and nothing tells it': async ({ state, counts }) => {
    counts.put('a', 0, 10, row(1));
    counts.put('b', 0, 10, row(2));
    await commit(state, 1);
    counts.put('a', 0, 10, row(3));
    counts.remove('a', 0, 10);
    counts.remove('b', 0, 10);
    expect([counts.get('a', 0, 10), counts.isDirty('a', 0, 10)]).toEqual([undefined, false]);
    counts.changes(({ key }) => expect.fail(`${key} was told`));
    const changes = await commit(state, 2);
    expect(changes.map(([store, , value]) => [store, value])).toEqual([
      ['counts', null],
      ['counts', null],
    ]);
    expect(await everything(counts)).toEqual([]);
  },
  'a row is dirty from its put to the commit': async ({ state, counts }) => {
    expect(counts.isDirty('a', 0, 10)).toBe(false);
    counts.put('a', 0, 10, row(1));
    expect([counts.isDirty('a', 0, 10), counts.isDirty('a', 5, 10)]).toEqual([true, false]);
    await commit(state, 1);
    expect(counts.isDirty('a', 0, 10)).toBe(false);
  },
  'changes are told once a window, in order of first write, with the row as committed': async ({
    state,
    counts,
  }) => {
    counts.put('a', 0, 10, row(1));
    await commit(state, 1);
    counts.put('b', 0, 10, row(2));
    counts.put('a', 0, 10, row(3));
    counts.put('b', 0, 10, row(4));
    const told: unknown[] = [];
    counts.changes(({ key, startMs, endMs }, before, after) =>
      told.push([key, startMs, endMs, before, after]),
    );
    expect(told).toEqual([
      ['b', 0, 10, null, row(4)],
      ['a', 0, 10, row(1), row(3)],
    ]);
    expect(counts.committed('a', 0, 10)).toEqual(row(1));
    expect(counts.told('a', 0, 10)).toEqual(row(3));
  },
};
