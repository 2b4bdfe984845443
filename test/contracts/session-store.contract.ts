import { expect } from 'vitest';
import { commit, entriesOf } from '../state/support.ts';
import type { StateLaws } from './state-subject.ts';

const row = (value: string) => ({ value, timestamp: 1 });

/** What operators rely on in a session store, beside the laws of a window store. */
export const sessionStoreLaws: StateLaws = {
  'a session grows by removing its row and putting another': async ({ state, sessions }) => {
    sessions.put('a', 10, 20, row('one'));
    await commit(state, 1);
    sessions.remove('a', 10, 20);
    sessions.put('a', 10, 35, row('two'));
    const check = async () => {
      expect(sessions.get('a', 10, 20)).toBeUndefined();
      const rows = await entriesOf(sessions, { gteEndMs: 0, ltEndMs: 100 });
      expect(rows).toEqual([[{ key: 'a', startMs: 10, endMs: 35 }, row('two')]]);
    };
    await check();
    expect((await commit(state, 2)).map(([, , value]) => value === null)).toEqual([true, false]);
    await check();
  },
  'many sessions of one key that end together are rows of their own': async ({
    state,
    sessions,
  }) => {
    const starts = Array.from({ length: 50 }, (_, startMs) => startMs);
    for (const startMs of starts.toReversed()) sessions.put('a', startMs, 50, row(`${startMs}`));
    for (const startMs of starts) if (startMs % 2 === 0) sessions.remove('a', startMs, 50);
    await commit(state, 1);
    const rows = await entriesOf(sessions, { gteEndMs: 50, ltEndMs: 51 });
    expect(rows.map(([{ startMs }]) => startMs)).toEqual(starts.filter((start) => start % 2 === 1));
    expect(sessions.get('a', 7, 50)?.value).toBe('7');
  },
};
