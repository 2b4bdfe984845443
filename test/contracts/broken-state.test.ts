import { describe, expect, it } from 'vitest';
import type { ScanCursor, LocalState } from '../../src/core/task/state-port.ts';
import { memoryBackend } from '../../src/state/memory/memory-backend.ts';
import type { KeyValueStore, WindowStore } from '../../src/state/store.ts';
import { openOptions } from '../state/support.ts';
import { keyValueStoreLaws } from './key-value-store.contract.ts';
import { sessionStoreLaws } from './session-store.contract.ts';
import { stateLaws } from './state.contract.ts';
import { openSubject, type StateLaw } from './state-subject.ts';
import { windowStoreLaws } from './window-store.contract.ts';

const suites = { stateLaws, keyValueStoreLaws, windowStoreLaws, sessionStoreLaws };
const laws = Object.entries(suites).flatMap(([suite, ownLaws]) =>
  Object.entries(ownLaws).map(([law, holds]) => [`${law} (${suite})`, holds] as const),
);

/** The same object with some of its properties replaced. */
function spoilt<T extends object>(sound: T, broken: Partial<T>): T {
  const copy = Object.create(sound) as T; // everything else is inherited
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(broken));
  return copy;
}

type Spoil = (state: LocalState) => LocalState;
type KeyValue = KeyValueStore<string, string>;
type Windows = WindowStore<string, number>;

const keyValue =
  (breakStore: (store: KeyValue) => Partial<KeyValue>): Spoil =>
  (state) =>
    spoilt(state, {
      store: ((definition) => {
        const store = state.store(definition);
        if (definition.schema.kind !== 'key-value') return store;
        return spoilt(store as object, breakStore(store as KeyValue)); // the only such store
      }) as LocalState['store'], // what the definition stands for
    });
const windowed =
  (breakStore: (store: Windows) => Partial<Windows>): Spoil =>
  (state) =>
    spoilt(state, {
      store: ((definition) => {
        const store = state.store(definition);
        if (definition.schema.kind === 'key-value') return store;
        return spoilt(store as object, breakStore(store as Windows)); // values do not matter here
      }) as LocalState['store'], // what the definition stands for
    });

/** A cursor that is opened when it is first asked. */
function late<T>(open: () => ScanCursor<T>): ScanCursor<T> {
  let cursor: ScanCursor<T> | null = null;
  return { next: (max) => (cursor ??= open()).next(max), close: () => cursor?.close() };
}

function reversed<T>(cursor: ScanCursor<T>): ScanCursor<T> {
  let all: readonly T[] | null = null;
  return {
    next: async () => {
      if (all !== null) return [];
      all = (await cursor.next(1000)).toReversed();
      return all;
    },
    close: () => cursor.close(),
  };
}

const broken: Readonly<Record<string, Spoil>> = {
  'a position that is not kept': (state) => spoilt(state, { position: null }),
  'a position from nowhere': (state) =>
    spoilt(state, { position: { commitNumber: 0, changelogs: new Map(), committedAtMs: 0 } }),
  'dirty bytes that are never told': (state) => spoilt(state, { dirtyBytes: 0 }),
  'a drain that tells each change twice': (state) =>
    spoilt(state, {
      drain: (sink) => {
        state.drain({
          change: (...change) => {
            sink.change(...change);
            sink.change(...change);
          },
        });
      },
    }),
  'a drain in no order': (state) =>
    spoilt(state, {
      drain: (sink) => {
        const changes: Parameters<typeof sink.change>[] = [];
        state.drain({
          change: (store, key, value) => {
            const copied = value === null ? null : Buffer.from(value);
            changes.unshift([store, Buffer.from(key), copied]);
          },
        });
        for (const change of changes) sink.change(...change);
      },
    }),
  'a commit that writes nothing': (state) =>
    spoilt(state, {
      write: (position) => {
        state.forget();
        return state.restore('totals', [], position);
      },
    }),
  'a commit that drops what came after its drain': (state) =>
    spoilt(state, {
      write: async (position) => {
        await state.write(position);
        state.forget();
      },
    }),
  'a drain that is forgotten at once': (state) =>
    spoilt(state, {
      drain: (sink) => {
        state.drain(sink);
        state.forget();
      },
      write: () => undefined,
    }),
  'restores that overtake each other': (state) => {
    let held: Parameters<LocalState['restore']> | null = null;
    return spoilt(state, {
      restore: async (...restored) => {
        if (held === null) {
          held = restored;
          await Promise.resolve();
          await state.restore(...held);
        } else await state.restore(...restored);
      },
    });
  },
  'a restore without deletes': (state) =>
    spoilt(state, {
      restore: (store, changes, position) =>
        state.restore(
          store,
          changes.filter(([, value]) => value !== null),
          position,
        ),
    }),
  'a restore from the end': (state) =>
    spoilt(state, {
      restore: (store, changes, position) => state.restore(store, changes.toReversed(), position),
    }),
  'no row for a changelog key': (state) => spoilt(state, { rowBytes: () => null }),
  'forgetting forgets nothing': (state) => spoilt(state, { forget: () => undefined }),
  'a rollback that undoes nothing': (state) =>
    spoilt(state, {
      rollbackTo: (savepoint) => {
        state.release(savepoint);
      },
    }),
  'a release that undoes': (state) =>
    spoilt(state, {
      release: (savepoint) => {
        state.rollbackTo(savepoint);
      },
    }),
  'a clear that clears nothing': (state) => spoilt(state, { clear: () => undefined }),
  'a close that closes nothing': (state) => spoilt(state, { close: () => undefined }),
  'one raw store for all names': (state) => spoilt(state, { raw: () => state.raw('timers') }),
  'a raw store in reverse order': (state) => {
    const raw = state.raw('timers');
    return spoilt(state, {
      raw: () => spoilt(raw, { openScan: (range) => reversed(raw.openScan(range)) }),
    });
  },
  'reads of committed rows alone': keyValue((store) => ({ get: (key) => store.committed(key) })),
  'committed rows that are the present ones': keyValue((store) => ({
    committed: (key) => store.get(key),
  })),
  'told rows that are the committed ones': keyValue((store) => ({
    told: (key) => store.committed(key),
  })),
  'null that does not delete': keyValue((store) => ({
    put: (key, row) => {
      if (row !== null) store.put(key, row);
    },
  })),
  'a scan without bounds': keyValue((store) => ({ openScan: () => store.openScan({}) })),
  'a scan that sees later writes': keyValue((store) => ({
    openScan: (range) => late(() => store.openScan(range)),
  })),
  'a scan in reverse order': keyValue((store) => ({
    openScan: (range) => reversed(store.openScan(range)),
  })),
  'changes that are told by key': keyValue((store) => ({
    changes: (visit) => {
      const told: Parameters<typeof visit>[] = [];
      store.changes((...change) => told.push(change));
      told.sort(([left], [right]) => (left < right ? -1 : 1));
      for (const change of told) visit(...change);
    },
  })),
  'keys that are properties of an object': keyValue((store) => ({
    get: (key) => (key === '__proto__' ? undefined : store.get(key)),
  })),
  'windows known by their end alone': windowed((store) => ({
    get: (key, _start, endMs) => store.get(key, 0, endMs),
    put: (key, _start, endMs, row) => {
      store.put(key, 0, endMs, row);
    },
  })),
  'windows in reverse order': windowed((store) => ({
    openScan: (range) => reversed(store.openScan(range)),
  })),
  'a last end that is inside': windowed((store) => ({
    openScan: ({ gteEndMs, ltEndMs }) => store.openScan({ gteEndMs, ltEndMs: ltEndMs + 1 }),
  })),
  'a window scan that sees later writes': windowed((store) => ({
    openScan: (range) => late(() => store.openScan(range)),
  })),
  'a removal that is a change': windowed((store) => ({
    remove: (key, startMs, endMs) => {
      store.put(key, startMs, endMs, null);
    },
  })),
  'a removal that removes nothing': windowed(() => ({ remove: () => undefined })),
  'rows that are never dirty': windowed(() => ({ isDirty: () => false })),
  'window changes that forget the old row': windowed((store) => ({
    changes: (visit) => {
      store.changes((windowed, _before, after) => {
        visit(windowed, null, after);
      });
    },
  })),
};

async function broughtDown(law: StateLaw, spoil: Spoil): Promise<boolean> {
  try {
    await law(await openSubject(() => memoryBackend().open(openOptions), spoil));
    return false;
  } catch {
    return true;
  }
}

describe('the contracts of state reject', () => {
  it.each(Object.entries(broken))('%s', async (_label, spoil) => {
    const failures = [];
    for (const [, law] of laws) failures.push(await broughtDown(law, spoil));
    expect(failures).toContain(true);
  });
});

describe('each law of state can fail:', () => {
  it.each(laws)('%s', async (_label, law) => {
    const failures = [];
    for (const spoil of Object.values(broken)) failures.push(await broughtDown(law, spoil));
    expect(failures).toContain(true);
  });
});
