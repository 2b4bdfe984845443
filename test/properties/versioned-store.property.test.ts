import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { string } from '../../src/core/serde/string.ts';
import { memoryBackend } from '../../src/state/memory/memory-backend.ts';
import { versionedRows } from '../../src/state/store-definitions.ts';
import { propertyOptions } from '../support/property-options.ts';
import { backendIn, temporaryRoot } from '../state/level-support.ts';
import { commit, openOptions } from '../state/support.ts';

const backends = {
  memory: memoryBackend,
  LevelDB: () => backendIn(temporaryRoot(), { verify: 'default' }),
};

/** Mostly in order, as versions come, so that many lie within one history. */
const operation = fc.record({
  key: fc.constantFrom('a', 'a', 'a', 'b'),
  aheadMs: fc.oneof(
    { weight: 3, arbitrary: fc.nat(3) },
    { weight: 1, arbitrary: fc.integer({ min: -300, max: -1 }) },
  ),
  isDelete: fc.nat(9).map((one) => one === 0),
  ends: fc.nat(39).map((one) => (one === 0 ? 'commit' : one === 1 ? 'prune' : null)),
});

const operations = fc.array(operation, { minLength: 100, maxLength: 500, size: 'max' });

interface Known {
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
}

describe.each(Object.entries(backends))('a versioned store on %s', (_label, createBackend) => {
  it.each([0, 50, 400])('answers like a list of all versions, history %i', async (history) => {
    const law = fc.asyncProperty(operations, async (steps) => {
      const rows = versionedRows({ name: 'v', key: string(), value: string(), history });
      const options = { ...openOptions, stores: [rows], rawStores: [], maxCacheBytes: 5000 };
      const state = await createBackend().open(options);
      const clock = { streamTimeMs: -1 };
      const store = state.store(rows).withTime(clock);
      const ends = new Set<number>();
      store.watchLists((endMs) => ends.add(endMs));
      const known = new Map<string, Known>();
      let commits = 0;
      for (const [index, { key, aheadMs, isDelete, ends: end }] of steps.entries()) {
        const timestamp = Math.max(0, clock.streamTimeMs + aheadMs);
        clock.streamTimeMs = Math.max(clock.streamTimeMs, timestamp);
        const value = isDelete ? null : `v${index}`;
        const own = [...known.values()].filter((one) => one.key === key);
        const isLatest = own.every((one) => one.timestamp <= timestamp);
        const isExpired = !isLatest && timestamp < clock.streamTimeMs - history;
        const put = store.put(key, { value, timestamp });
        expect(put).toBe(isExpired ? 'expired' : isLatest ? 'latest' : 'older');
        if (!isExpired) known.set(`${key}${timestamp}`, { key, value, timestamp });
        if (end === 'commit') await commit(state, (commits += 1));
        if (end === 'prune') {
          for (const endMs of [...ends].filter(
            (one) => store.prunedAt(one) <= clock.streamTimeMs,
          )) {
            const cursor = store.older.openScan({ gteEndMs: endMs, ltEndMs: endMs + 1 });
            for (const [list] of await cursor.next(1000)) store.prune(list);
            await cursor.close();
          }
        }
        const asked = Math.max(0, timestamp - ((index * 37) % (history + 20)));
        const versions = [...known.values()].filter((one) => one.key === key);
        versions.sort((a, b) => a.timestamp - b.timestamp);
        const latest = versions.at(-1);
        const isGone = asked < clock.streamTimeMs - history && (latest?.timestamp ?? 0) > asked;
        const found = isGone ? undefined : versions.findLast((one) => one.timestamp <= asked);
        expect(store.asOf(key, asked)?.value ?? null).toBe(found?.value ?? null);
        expect(store.get(key)?.value ?? null).toBe(latest?.value ?? null);
      }
      await state.close({ clean: true });
    });
    await fc.assert(law, propertyOptions(5));
  });
});
