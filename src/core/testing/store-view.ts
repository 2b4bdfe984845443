import { StoreError } from '../model/errors.ts';
import { invariant } from '../model/invariant.ts';
import { isPromise } from '../model/maybe-promise.ts';
import type { Row } from '../model/record.ts';
import type { AnyStoreDefinition, Scannable, StoreDefinition } from '../task/state-port.ts';
import type { GlobalTable } from '../task/global-table.ts';
import type { Task } from '../task/task.ts';

type AnyStore = Scannable<unknown, readonly [unknown, Row<unknown>]> & {
  get(key: unknown, ...rest: readonly unknown[]): Row<unknown> | undefined;
};

/** Everything, for stores ranged by key and by window end alike. */
const everything = { gteEndMs: 0, ltEndMs: Infinity };

/** The rows of a store as they stand, uncommitted ones included. */
export class StoreView {
  constructor(
    private readonly name: string,
    private readonly tasks: readonly Task[],
    private readonly globals: readonly GlobalTable[],
  ) {}

  /** The value of a key; for window stores with the bounds of the window. */
  get(key: unknown, startMs?: number, endMs?: number): unknown {
    for (const store of this.stores()) {
      const row = startMs === undefined ? store.get(key) : store.get(key, startMs, endMs);
      if (row !== undefined) return row.value;
    }
    return undefined;
  }

  /** All rows in order of their encoded keys. */
  entries(): readonly (readonly [key: unknown, value: unknown])[] {
    return this.stores().flatMap((store) => {
      const cursor = store.openScan(everything);
      const all: (readonly [unknown, unknown])[] = [];
      for (;;) {
        const entries = cursor.next(1000);
        invariant(!isPromise(entries), 'On memory everything is there at once.');
        if (entries.length === 0) return all;
        for (const [key, row] of entries) all.push([key, row.value]);
      }
    });
  }

  private stores(): AnyStore[] {
    const stores = this.tasks.flatMap((task) =>
      task.subTopology.stores.flatMap((definition) => {
        if (definition.name !== this.name) return [];
        return [task.localState.store(asked(definition))];
      }),
    );
    for (const { node, localState } of this.globals) {
      if (node.rows.name === this.name) stores.push(localState.store(asked(node.rows)));
    }
    if (stores.length > 0) return stores;
    throw new StoreError('UNKNOWN_STORE', `The topology has no store '${this.name}'.`);
  }
}

function asked(definition: AnyStoreDefinition): StoreDefinition<AnyStore> {
  return definition as StoreDefinition<AnyStore>; // asked only what all kinds have
}
