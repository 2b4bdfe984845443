import { expect } from 'vitest';
import type { KeyValueStore } from '../../src/state/store.ts';
import { commit, entriesOf, rest } from '../state/support.ts';
import type { StateLaws } from './state-subject.ts';

const row = (value: string, timestamp = 0) => ({ value, timestamp });
type Store = KeyValueStore<string, string>;

const fill = (store: Store, keys: readonly string[]) => {
  for (const key of keys) store.put(key, row(key.toUpperCase()));
};
const keysOf = async (store: Store, range: Parameters<Store['openScan']>[0]) =>
  (await entriesOf(store, range)).map(([key]) => key);

/** What operators rely on in a key-value store. */
export const keyValueStoreLaws: StateLaws = {
  'a read sees the last write, committed or not': async ({ state, totals }) => {
    expect(totals.get('a')).toBeUndefined();
    totals.put('a', row('1', 5));
    expect(totals.get('a')).toEqual(row('1', 5));
    await commit(state, 1);
    expect(totals.get('a')).toEqual(row('1', 5));
    totals.put('a', row('2', 3));
    totals.put('b', row('3', 4));
    expect(totals.get('a')).toEqual(row('2', 3));
    await commit(state, 2);
    expect([totals.get('a'), totals.get('b')]).toEqual([row('2', 3), row('3', 4)]);
  },
  'null deletes, before the commit as after it': async ({ state, totals }) => {
    fill(totals, ['a', 'b']);
    await commit(state, 1);
    totals.put('a', null);
    expect(totals.get('a')).toBeUndefined();
    expect(await keysOf(totals, {})).toEqual(['b']);
    await commit(state, 2);
    expect(totals.get('a')).toBeUndefined();
    expect(await keysOf(totals, {})).toEqual(['b']);
  },
  'a scan holds the bounds it names': async ({ state, totals }) => {
    fill(totals, ['a', 'c']);
    await commit(state, 1);
    fill(totals, ['b', 'd']);
    expect(await keysOf(totals, { gte: 'a', lt: 'c' })).toEqual(['a', 'b']);
    expect(await keysOf(totals, { gt: 'a', lte: 'c' })).toEqual(['b', 'c']);
    expect(await keysOf(totals, { gte: 'c' })).toEqual(['c', 'd']);
    expect(await keysOf(totals, { gte: 'c', lt: 'a' })).toEqual([]);
  },
  'a scan sees the writes made before it and none made after': async ({ state, totals }) => {
    fill(totals, ['a', 'c']);
    await commit(state, 1);
    totals.put('b', row('B'));
    const scan = totals.openScan({});
    totals.put('a', null);
    totals.put('b', row('later'));
    totals.put('d', row('D'));
    await commit(state, 2);
    expect(await rest(scan, 1)).toEqual([
      ['a', row('A')],
      ['b', row('B')],
      ['c', row('C')],
    ]);
  },
  'a scan is in the order of encoded keys': async ({ state, totals }) => {
    // In UTF-16 the emoji sorts before U+FFFD, in UTF-8 behind it.
    const ordered = ['', 'a', 'a\0', 'ab', 'b', '\u00ff', '\ufffd', '\u{1f600}'];
    fill(totals, ordered.toReversed().slice(0, 4));
    await commit(state, 1);
    fill(totals, ordered);
    expect(await keysOf(totals, {})).toEqual(ordered);
    await commit(state, 2);
    expect(await keysOf(totals, {})).toEqual(ordered);
  },
  'changes are told once a key, in order of first write, with the row as committed': async ({
    state,
    totals,
  }) => {
    fill(totals, ['a', 'b']);
    await commit(state, 1);
    totals.put('b', row('1'));
    totals.put('c', row('2'));
    totals.put('a', null);
    totals.put('b', row('3'));
    const told: unknown[] = [];
    totals.changes((...change) => told.push(change));
    expect(told).toEqual([
      ['b', row('B'), row('3')],
      ['c', null, row('2')],
      ['a', row('A'), null],
    ]);
    await commit(state, 2);
    totals.changes((key) => expect.fail(`${key} was told after its commit`));
  },
  'the committed row is that before the uncommitted writes': async ({ state, totals }) => {
    totals.put('a', row('1'));
    expect(totals.committed('a')).toBeUndefined();
    await commit(state, 1);
    expect(totals.committed('a')).toEqual(row('1'));
    totals.put('a', row('2'));
    totals.put('a', null);
    expect(totals.committed('a')).toEqual(row('1'));
  },
  'the told row is the committed one until it is told, from its own visit on': async ({
    state,
    totals,
  }) => {
    fill(totals, ['a', 'b']);
    await commit(state, 1);
    totals.put('a', row('1'));
    totals.put('b', null);
    expect([totals.told('a'), totals.told('b')]).toEqual([row('A'), row('B')]);
    const told: unknown[] = [];
    totals.changes(() => told.push([totals.told('a'), totals.told('b')]));
    expect(told).toEqual([
      [row('1'), row('B')],
      [row('1'), undefined],
    ]);
    await commit(state, 2);
    totals.put('a', row('2'));
    expect(totals.told('a')).toEqual(row('1'));
  },
  'any text is a key of its own; a lone surrogate is U+FFFD': async ({ state, totals }) => {
    const long = 'k'.repeat(1024 * 1024);
    const keys = ['__proto__', 'constructor', '', '\0', 'a\0', long, '\ufffd'];
    for (const [index, key] of keys.entries()) totals.put(key, row(String(index)));
    totals.put('\ud800', row('mended'));
    const check = () => {
      const values = keys.map((key) => totals.get(key)?.value);
      expect(values).toEqual(['0', '1', '2', '3', '4', '5', 'mended']);
      expect(totals.get('\udfff')?.value).toBe('mended');
    };
    check();
    await commit(state, 1);
    check();
    expect(new Set(await keysOf(totals, {}))).toEqual(new Set(keys));
  },
};
