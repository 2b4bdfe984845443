import { expect, it } from 'vitest';
import { memoryBackend } from '../../src/state/memory/memory-backend.ts';
import { backendIn, temporaryRoot } from './level-support.ts';
import { commit, counts, entriesOf, openOptions } from './support.ts';

const ENDS = 20_000;
const backends = { memory: memoryBackend, level: () => backendIn(temporaryRoot()) };

it.each(['memory', 'level'] as const)(
  'with state in %s, each of 20,000 windows is closed by itself, once',
  { timeout: 60_000 },
  async (name) => {
    const state = await backends[name]().open({ ...openOptions, maxCacheBytes: 100_000_000 });
    const store = state.store(counts);
    const closeAll = async () => {
      for (let endMs = 1; endMs <= ENDS; endMs++) {
        const range = { gteEndMs: endMs, ltEndMs: endMs + 1 };
        for (const [{ key, startMs }] of await entriesOf(store, range)) {
          store.remove(key, startMs, endMs);
          closed++;
        }
      }
    };
    let closed = 0;
    for (let endMs = 1; endMs <= ENDS; endMs++) {
      store.put('a', endMs - 1, endMs, { value: endMs, timestamp: endMs });
    }
    await commit(state, 1);
    await closeAll();
    expect(closed).toBe(ENDS);
    await closeAll();
    expect(closed).toBe(ENDS);
    await state.close({ clean: true });
  },
);
