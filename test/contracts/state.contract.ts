import { expect } from 'vitest';
import type { RawStore } from '../../src/core/task/state-port.ts';
import {
  commit,
  counts,
  drained,
  entriesOf,
  positionOf,
  restoredChanges,
  totals,
} from '../state/support.ts';
import type { StateLaws, StateSubject } from './state-subject.ts';

const row = (value: string) => ({ value, timestamp: 3 });
const bytes = (text: string) => Buffer.from(text, 'latin1');
const rawEntries = async (store: RawStore, range: Parameters<RawStore['openScan']>[0]) =>
  (await entriesOf(store, range)).map((entry) =>
    entry.map((part) => Buffer.from(part).toString('latin1')).join('='),
  );
const keysOf = async ({ totals }: StateSubject) =>
  (await entriesOf(totals, {})).map(([key]) => key);

/** What a task relies on in its state, whatever stores it has. */
export const stateLaws: StateLaws = {
  'a new state has no position, no rows and nothing to tell': async (subject) => {
    const { state } = subject;
    expect([state.position, state.rebuildReason, state.dirtyBytes]).toEqual([null, null, 0]);
    expect(await keysOf(subject)).toEqual([]);
    expect(drained(state)).toEqual([]);
  },
  'a commit makes everything written the committed rows, at its position': async (subject) => {
    const { state, totals } = subject;
    totals.put('a', row('1'));
    expect(state.dirtyBytes).toBeGreaterThan(0);
    await commit(state, 1);
    expect([state.position, state.dirtyBytes]).toEqual([positionOf(1), 0]);
    totals.put('a', row('2'));
    state.forget();
    expect(totals.get('a')).toEqual(row('1'));
    expect(drained(state)).toEqual([]);
  },
  'each written key is drained once, store by store, in order of first write': async ({
    state,
    totals,
    counts,
  }) => {
    counts.put('w', 0, 10, { value: 1, timestamp: 1 });
    for (const value of ['1', '2']) for (const key of ['b', 'a']) totals.put(key, row(value));
    state.raw('timers').put(bytes('t'), bytes('x'));
    const changes = await commit(state, 1);
    expect(changes.map(([store, key]) => [store, key.length])).toEqual([
      ['totals', 1],
      ['totals', 1],
      ['counts', 18],
      ['timers', 1],
    ]);
    expect(changes.map(([, key]) => key).slice(0, 2)).toEqual(['b', 'a']);
    expect(drained(state)).toEqual([]);
  },
  'what was drained restores the same rows elsewhere': async ({ state, another, ...stores }) => {
    stores.totals.put('a', row('1'));
    stores.totals.put('b', row('2'));
    stores.counts.put('w', 5, 10, { value: 1, timestamp: 1 });
    const changes = await commit(state, 1);
    const copy = await another();
    await copy.restore('totals', restoredChanges(changes, 'totals'), positionOf(1));
    await copy.restore('counts', restoredChanges(changes, 'counts'), positionOf(2));
    expect(copy.position).toEqual(positionOf(2));
    expect(copy.store(totals).get('b')).toEqual(row('2'));
    expect(await entriesOf(copy.store(totals), {})).toEqual(await entriesOf(stores.totals, {}));
    expect(copy.store(counts).get('w', 5, 10)?.value).toBe(1);
    await copy.close({ clean: true });
  },
  'of changes restored to one key the last one holds, and null removes': async ({
    state,
    totals,
  }) => {
    totals.put('a', row('1'));
    totals.put('b', row('2'));
    const [one, two] = (await commit(state, 1)).map(([, , value]) => value);
    const restored = [
      [bytes('b'), two ?? null],
      [bytes('b'), null],
      [bytes('a'), null],
      [bytes('a'), one ?? null],
    ] as const;
    await state.restore('totals', restored, positionOf(2));
    expect(totals.get('a')).toEqual(row('1'));
    expect(totals.get('b')).toBeUndefined();
    expect(await entriesOf(totals, {})).toEqual([['a', row('1')]]);
  },
  'restores may follow each other without waiting: they apply in order': async (subject) => {
    const { state, totals } = subject;
    for (const key of ['a', 'b', 'c']) totals.put(key, row(key));
    const changes = restoredChanges(await commit(state, 1), 'totals');
    const removals = changes.map(([key]) => [key, null] as const);
    const under = [removals, changes, removals.slice(0, 1)].map((part, index) =>
      state.restore('totals', part, positionOf(2 + index)),
    );
    await Promise.all(under);
    expect(state.position).toEqual(positionOf(4));
    expect(await keysOf(subject)).toEqual(['b', 'c']);
    totals.put('c', null);
    await commit(state, 5);
    expect(await keysOf(subject)).toEqual(['b']);
  },
  'the row of a changelog key is what was drained': async ({ state, totals }) => {
    totals.put('a', row('1'));
    const [change] = await commit(state, 1);
    const found = state.rowBytes('totals', bytes('a'));
    expect(found === null ? null : Buffer.from(found)).toEqual(change?.[2]);
    expect(state.rowBytes('totals', bytes('b'))).toBeNull();
  },
  'forgetting drops everything uncommitted, drained or not': async (subject) => {
    const { state, totals } = subject;
    totals.put('a', row('1'));
    await commit(state, 1);
    totals.put('a', null);
    totals.put('b', row('2'));
    drained(state);
    totals.get('b');
    totals.put('b', row('3'));
    totals.put('c', row('3'));
    state.forget();
    expect([totals.get('a'), totals.get('b'), state.dirtyBytes]).toEqual([row('1'), undefined, 0]);
    expect(await keysOf(subject)).toEqual(['a']);
  },
  'while a commit is under way reads see it, and what was written after its drain': async (
    subject,
  ) => {
    const { state, totals } = subject;
    for (const key of ['a', 'b', 'c']) totals.put(key, row('1'));
    await commit(state, 1);
    totals.put('a', row('2'));
    totals.put('b', null);
    totals.put('d', row('2'));
    drained(state);
    const seen = async () => [await keysOf(subject), totals.get('a'), totals.get('b')];
    expect(await seen()).toEqual([['a', 'c', 'd'], row('2'), undefined]);
    totals.put('b', row('3'));
    totals.put('c', null);
    expect(await seen()).toEqual([['a', 'b', 'd'], row('2'), row('3')]);
    const written = state.write(positionOf(2));
    expect(await seen()).toEqual([['a', 'b', 'd'], row('2'), row('3')]);
    await written;
    expect(await seen()).toEqual([['a', 'b', 'd'], row('2'), row('3')]);
  },
  'the end of a commit touches nothing that was written beside it': async (subject) => {
    const { state, totals } = subject;
    for (const key of ['a', 'b']) totals.put(key, row('1'));
    await commit(state, 1);
    for (const key of ['a', 'b']) totals.put(key, null);
    drained(state);
    totals.put('a', row('2'));
    totals.put('a', null);
    const savepoint = state.savepoint();
    totals.put('b', row('2'));
    await state.write(positionOf(2));
    state.rollbackTo(savepoint);
    expect([totals.get('a'), totals.get('b')]).toEqual([undefined, undefined]);
    totals.put('a', row('3'));
    expect((await commit(state, 3)).map(([, key]) => key)).toEqual(['a']);
    expect(await keysOf(subject)).toEqual(['a']);
  },
  'what is written after a drain is for the next one, whose old rows are those drained': async ({
    state,
    totals,
  }) => {
    totals.put('a', row('1'));
    drained(state);
    expect(state.dirtyBytes).toBe(0);
    totals.put('b', row('2'));
    totals.put('a', row('2'));
    await state.write(positionOf(1));
    expect(state.dirtyBytes).toBeGreaterThan(0);
    const told: unknown[] = [];
    totals.changes((...change) => told.push(change));
    expect(told).toEqual([
      ['b', null, row('2')],
      ['a', row('1'), row('2')],
    ]);
    expect((await commit(state, 2)).map(([, key]) => key)).toEqual(['b', 'a']);
    totals.put('a', row('3'));
    state.forget();
    expect([totals.get('a'), totals.get('b')]).toEqual([row('2'), row('2')]);
  },
  'rolling back undoes what was written since the savepoint, and no more': async (subject) => {
    const { state, totals, counts } = subject;
    totals.put('a', row('1'));
    await commit(state, 1);
    totals.put('b', row('2'));
    const dirtyBytes = state.dirtyBytes;
    const savepoint = state.savepoint();
    for (const key of ['a', 'b', 'c', 'b']) totals.put(key, row('later'));
    totals.put('a', null);
    counts.put('w', 0, 10, { value: 1, timestamp: 1 });
    state.rollbackTo(savepoint);
    expect(state.dirtyBytes).toBe(dirtyBytes);
    expect([totals.get('a'), totals.get('c')]).toEqual([row('1'), undefined]);
    expect(counts.get('w', 0, 10)).toBeUndefined();
    expect((await commit(state, 2)).map(([store, key]) => [store, key])).toEqual([['totals', 'b']]);
    expect(totals.get('b')).toEqual(row('2'));
  },
  'a savepoint that is released keeps what was written': async ({ state, totals }) => {
    const savepoint = state.savepoint();
    totals.put('a', row('1'));
    state.release(savepoint);
    const next = state.savepoint();
    totals.put('b', row('2'));
    state.rollbackTo(next);
    expect((await commit(state, 1)).map(([, key]) => key)).toEqual(['a']);
  },
  'clearing leaves an empty state that works': async (subject) => {
    const { state, totals } = subject;
    totals.put('a', row('1'));
    await commit(state, 1);
    await state.clear();
    expect([state.position, totals.get('a')]).toEqual([null, undefined]);
    totals.put('b', row('2'));
    await commit(state, 1);
    expect(await keysOf(subject)).toEqual(['b']);
  },
  'a raw store keeps bytes in order, and a copy of what it was given': async ({ state }) => {
    const timers = state.raw('timers');
    const key = bytes('b');
    const value = bytes('1');
    timers.put(key, value);
    timers.put(bytes('a\xff'), bytes('2'));
    key.fill('z');
    value.fill('9');
    await commit(state, 1);
    timers.put(bytes('\0'), bytes('3'));
    timers.put(bytes('c'), bytes(''));
    expect(await rawEntries(timers, {})).toEqual(['\0=3', 'a\xff=2', 'b=1', 'c=']);
    expect(await rawEntries(timers, { gt: bytes('a'), lte: bytes('b') })).toEqual([
      'a\xff=2',
      'b=1',
    ]);
    timers.put(bytes('b'), null);
    expect(timers.get(bytes('b'))).toBeUndefined();
    expect(await rawEntries(timers, { gte: bytes('b') })).toEqual(['c=']);
  },
  'a store that is none of the task is refused': async ({ state }) => {
    expect(() => state.raw('unknown')).toThrow(expect.objectContaining({ code: 'UNKNOWN_STORE' }));
    await Promise.resolve();
  },
  'a closed state is not read any more': async ({ state, totals }) => {
    totals.put('a', row('1'));
    await commit(state, 1);
    await state.close({ clean: true });
    for (const key of ['a', 'b']) {
      expect(() => totals.get(key)).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }));
    }
  },
};
