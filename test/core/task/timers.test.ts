import { describe, expect, it } from 'vitest';
import { thrownBy } from '../../support/thrown.ts';
import { commitState } from './task-fixture.ts';
import { timersOf } from './timers-fixture.ts';

const key = (text: string) => Buffer.from(text);

describe.each([
  ['at once', false],
  ['later', true],
])('timers over scans that answer %s', (_label, isSlow) => {
  it('fire by time, node in plan order, key with null first, arrival', async () => {
    const { timers, due } = timersOf(isSlow);
    timers.set(0, 'b', { at: 5, name: 'x' });
    timers.set(0, 'a', { at: 5, name: 'second', key: key('k') });
    timers.set(0, 'a', { at: 5, name: 'first', key: key('k') });
    timers.set(0, 'a', { at: 5, name: 'x', key: key('b') });
    timers.set(0, 'a', { at: 5, name: 'x' });
    timers.set(0, 'a', { at: 4, name: 'x', key: key('z') });
    timers.set(0, 'a', { at: 6, name: 'late' });
    expect(await due(5)).toEqual([
      'a:x:z@4',
      'a:x:null@5',
      'a:x:b@5',
      'a:second:k@5',
      'a:first:k@5',
      'b:x:null@5',
    ]);
    expect(await due(5)).toEqual([]);
    expect(await due(6)).toEqual(['a:late:null@6']);
  });

  it('are unique by node, name and key: setting one again replaces it', async () => {
    const { timers, due } = timersOf(isSlow);
    expect(await due(0)).toEqual([]);
    timers.set(0, 'a', { at: 5, name: 'x', key: key('k') });
    timers.set(0, 'a', { at: 9, name: 'x', key: key('k') });
    timers.set(0, 'b', { at: 5, name: 'x', key: key('k') });
    timers.set(0, 'a', { at: 5, name: 'x' });
    expect(await due(8)).toEqual(['a:x:null@5', 'b:x:k@5']);
    expect(await due(9)).toEqual(['a:x:k@9']);
  });

  it('are replaced across the two clocks', async () => {
    const { timers, due, wall, wallClockDue } = timersOf(isSlow);
    expect([await due(0), await wallClockDue()]).toEqual([[], []]);
    timers.set(0, 'a', { at: 5, name: 'x' });
    timers.set(0, 'a', { at: 5, name: 'x', by: 'wall-clock' });
    expect(await due(10)).toEqual([]);
    wall.advance(5);
    expect(await wallClockDue()).toEqual(['a:x:null@5']);
    timers.set(0, 'a', { at: 20, name: 'x', by: 'wall-clock' });
    timers.set(0, 'a', { at: 15, name: 'x' });
    wall.advance(100);
    expect(await wallClockDue()).toEqual([]);
    expect(await due(15)).toEqual(['a:x:null@15']);
  });

  it('of two domains keep apart', async () => {
    const { timers, due } = timersOf(isSlow);
    timers.set(0, 'a', { at: 5, name: 'x' });
    timers.set(1, 'c', { at: 3, name: 'x' });
    expect(await due(10, 0)).toEqual(['a:x:null@5']);
    expect(await due(10, 1)).toEqual(['c:x:null@3']);
  });

  it('survive a restart in their order, those of nodes that are gone excepted', async () => {
    const before = timersOf(isSlow);
    before.timers.set(0, 'a', { at: 5, name: 'second', key: key('k') });
    before.timers.set(0, 'a', { at: 5, name: 'first', key: key('k') });
    before.timers.set(0, 'gone', { at: 1, name: 'x' });
    commitState(before.state);
    const after = before.restarted();
    after.timers.set(0, 'a', { at: 5, name: 'third', key: key('k') });
    expect(await after.due(5)).toEqual(['a:second:k@5', 'a:first:k@5', 'a:third:k@5']);
    commitState(after.state, 2);
    expect(await after.restarted().due(5)).toEqual([]);
  });

  it('more than the horizon holds fire in order, each once', async () => {
    const first = timersOf(isSlow);
    const count = 24_000;
    expect(await first.due(0)).toEqual([]);
    // Neighbours in time lie far apart in arrival.
    for (let n = 0; n < count; n += 1) {
      first.timers.set(0, 'a', { at: 1 + ((n * 7919) % count), name: 'x', key: key(String(n)) });
    }
    commitState(first.state);
    const half = await first.due(9_000);
    commitState(first.state, 2);
    const rest = await first.restarted().due(count);
    const times = [...half, ...rest].map((timer) => Number(timer.split('@')[1]));
    expect(times).toEqual(Array.from({ length: count }, (_, n) => n + 1));
  });

  it('more than the horizon holds may share one time', async () => {
    const { timers, due, state } = timersOf(isSlow);
    const count = 21_000;
    for (let n = 0; n < count; n += 1) {
      timers.set(0, 'a', { at: n === 0 ? 4 : 5, name: 'x', key: key(String(n)) });
    }
    timers.set(0, 'a', { at: 6, name: 'x' });
    commitState(state);
    expect(await due(4)).toHaveLength(1);
    expect(await due(5)).toHaveLength(count - 1);
    expect(await due(6)).toEqual(['a:x:null@6']);
  });

  it('of an undone unit are as they were before it', async () => {
    const { timers, due, state } = timersOf(isSlow);
    expect(await due(0)).toEqual([]);
    timers.set(0, 'a', { at: 5, name: 'kept' });
    timers.set(0, 'a', { at: 6, name: 'replaced' });
    timers.set(0, 'a', { at: 7, name: 'moved' });
    const savepoint = state.savepoint();
    timers.beginUnit();
    timers.set(0, 'a', { at: 1, name: 'new' });
    timers.set(0, 'a', { at: 2, name: 'replaced' });
    timers.set(0, 'a', { at: 3, name: 'replaced' });
    timers.set(0, 'a', { at: 4, name: 'moved', by: 'wall-clock' });
    state.rollbackTo(savepoint);
    timers.undo();
    expect(await due(10)).toEqual(['a:kept:null@5', 'a:replaced:null@6', 'a:moved:null@7']);
  });

  it('by the wall clock fire when it passes them, also after a restart', async () => {
    const { timers, wall, wallClockDue, due, state, restarted } = timersOf(isSlow);
    timers.set(0, 'b', { at: 10, name: 'x', by: 'wall-clock' });
    timers.set(0, 'a', { at: 10, name: 'x', by: 'wall-clock' });
    timers.set(0, 'a', { at: 30, name: 'y', by: 'wall-clock' });
    expect(await due(100)).toEqual([]);
    expect(await wallClockDue()).toEqual([]);
    wall.advance(10);
    expect(await wallClockDue()).toEqual(['a:x:null@10', 'b:x:null@10']);
    commitState(state);
    const after = restarted();
    after.wall.advance(1000);
    expect(await after.wallClockDue()).toEqual(['a:y:null@30']);
  });
});

it('a timer that is replaced at every record takes no room', async () => {
  const { timers, due } = timersOf();
  expect(await due(0)).toEqual([]);
  for (let n = 1; n <= 60_000; n += 1) timers.set(0, 'a', { at: 1_000_000 + n, name: 'x' });
  expect(await due(2_000_000)).toEqual(['a:x:null@1060000']);
});

it('a time that is no whole number of milliseconds is refused', () => {
  const { timers } = timersOf();
  for (const at of [NaN, 1.5, Infinity]) {
    const error = thrownBy(() => timers.set(0, 'a', { at, name: 'x' }));
    expect([error.code, error.where.node]).toEqual(['BAD_OPTION', 'a']);
  }
});
