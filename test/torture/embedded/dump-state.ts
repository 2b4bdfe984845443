import type {
  AnyStoreDefinition,
  Scannable,
  StateBackend,
  LocalState,
} from '../../../src/core/task/state-port.ts';
import type { SubTopology } from '../../../src/index.ts';
import { printable } from '../dump.ts';
import { application } from '../topology.ts';

const maxEntries = 1_000;
const timers = 'timers';

/** A range that holds everything, by kind of store. */
const everything = {
  'key-value': {},
  window: { gteEndMs: 0, ltEndMs: Number.MAX_SAFE_INTEGER },
  session: {},
  versioned: {},
};

/** All rows of the stores of a closed task, and the timers it has set, by their store's name. */
export async function dumpState(
  backend: StateBackend,
  { id, stores, hasTimers }: SubTopology,
  partition: number,
): Promise<Map<string, string[]>> {
  const taskId = `${id}-${partition}`;
  const rawStores = hasTimers ? [timers] : [];
  const opening = { application, taskId, stores, rawStores };
  const state = await backend.open({ ...opening, maxCacheBytes: 2 ** 20 });
  const lines = new Map<string, string[]>();
  for (const definition of stores) {
    lines.set(`${taskId} ${definition.name}`, await rowsOf(state, definition));
  }
  // Their rows number the timers in order of arrival; the keys tell which are set.
  const set = hasTimers ? await allOf(state.raw(timers), {}) : [];
  if (hasTimers)
    lines.set(
      `${taskId} ${timers}`,
      set.map(([key]) => printable(key)),
    );
  await state.close({ clean: true });
  return lines;
}

async function rowsOf(state: LocalState, definition: AnyStoreDefinition): Promise<string[]> {
  const store = state.store(definition) as Scannable<object, readonly [key: unknown, row: unknown]>; // every store can be ranged over
  const entries = await allOf(store, everything[definition.schema.kind]);
  return entries.map(([key, row]) => `${JSON.stringify(key)} = ${JSON.stringify(row)}`);
}

async function allOf<Range, Entry>(store: Scannable<Range, Entry>, range: Range): Promise<Entry[]> {
  const all: Entry[] = [];
  const cursor = store.openScan(range);
  for (;;) {
    const entries = await cursor.next(maxEntries);
    if (entries.length === 0) break;
    all.push(...entries);
  }
  await cursor.close();
  return all;
}
