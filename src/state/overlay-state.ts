import { invariant } from '../core/model/invariant.ts';
import { StoreError } from '../core/model/errors.ts';
import { isPromise, type MaybePromise } from '../core/model/maybe-promise.ts';
import type { Row } from '../core/model/record.ts';
import { asBuffer } from '../core/serde/range-serde.ts';
import type {
  ChangeSink,
  OpenStateOptions,
  RawStore,
  RestoredChange,
  StateBackend,
  StatePosition,
  StateSavepoint,
  StoreDefinition,
  LocalState,
} from '../core/task/state-port.ts';
import type { CommittedRows, CommittedState, RowBatch } from './committed-rows.ts';
import { openRawStore } from './raw-store.ts';
import { isOpenable, type OpenStore } from './store-parts.ts';
import { TaskMemory } from './task-memory.ts';

interface HeldStore extends OpenStore<unknown> {
  readonly rows: CommittedRows;
}

/** The stores of a task above a backend: the overlay's side of `LocalState`. */
class OverlayState implements LocalState {
  private readonly stores = new Map<string, HeldStore>();
  private readonly memory: TaskMemory;
  private batch: RowBatch | null = null;

  constructor(
    private readonly committed: CommittedState,
    { stores, rawStores, maxCacheBytes, inspect }: OpenStateOptions,
  ) {
    this.memory = new TaskMemory(maxCacheBytes);
    for (const definition of stores) {
      invariant(isOpenable(definition), `Store '${definition.name}' was defined by src/state.`);
      const { open } = definition;
      const inspected = inspect === undefined ? {} : { inspect };
      this.hold(definition.name, (ground) => open({ ...ground, ...inspected }));
    }
    for (const name of rawStores) this.hold(name, openRawStore);
  }

  get position(): StatePosition | null {
    return this.committed.position;
  }

  get rebuildReason(): string | null {
    return this.committed.rebuildReason;
  }

  get dirtyBytes(): number {
    return this.memory.dirtyBytes;
  }

  store<S>(definition: StoreDefinition<S>): S {
    return this.held(definition.name).store as S; // opened by that very definition
  }

  raw(name: string): RawStore {
    return this.held(name).store as RawStore; // raw stores are named apart from the others
  }

  savepoint(): StateSavepoint {
    return this.memory.openSavepoint();
  }

  rollbackTo(savepoint: StateSavepoint): void {
    this.memory.rollbackTo(savepoint);
  }

  release(savepoint: StateSavepoint): void {
    this.memory.release(savepoint);
  }

  drain(sink: ChangeSink): void {
    invariant(this.batch === null, 'What was drained is written or forgotten first.');
    const batch = this.committed.batch();
    try {
      for (const { commit } of this.stores.values()) commit.drain({ sink, batch });
    } catch (error) {
      batch.discard();
      throw error;
    }
    this.batch = batch;
    this.memory.dirtyBytes = 0;
    this.memory.dropSavepoint();
  }

  write(position: StatePosition): MaybePromise<void> {
    const { batch } = this;
    invariant(batch !== null, 'Only what was drained is written.');
    this.batch = null;
    const held = [...this.stores.values()];
    for (const { commit } of held) commit.acknowledge();
    const finish = () => {
      for (const { commit } of held) commit.endCommit();
      this.memory.cache.sweep();
    };
    const written = batch.write(position);
    if (!isPromise(written)) return finish();
    return written.then(finish, (error: unknown) => {
      this.fail();
      throw error;
    });
  }

  forget(): void {
    this.batch?.discard();
    this.batch = null;
    for (const { commit } of this.stores.values()) commit.forget();
    this.memory.dirtyBytes = 0;
    this.memory.dropSavepoint();
  }

  restore(
    store: string,
    changes: readonly RestoredChange[],
    position: StatePosition,
  ): MaybePromise<void> {
    const { rows, commit } = this.held(store);
    commit.restored(changes);
    const batch = this.committed.batch();
    const { writer } = this.memory;
    writer.reset();
    writer.bytes(rows.prefix);
    const keyStart = writer.length;
    for (const [key, value] of changes) {
      writer.length = keyStart;
      writer.bytes(key);
      const prefixedKey = writer.view(0, writer.length);
      if (value === null) batch.remove(rows, prefixedKey);
      else batch.put(rows, prefixedKey, asBuffer(value));
    }
    return batch.write(position);
  }

  changeOf(store: string, key: unknown, row: Row<unknown> | null): RestoredChange {
    return this.held(store).commit.changeOf(key, row);
  }

  rowBytes(store: string, key: Uint8Array): Uint8Array | null {
    return this.held(store).commit.rowBytes(key);
  }

  clear(): MaybePromise<void> {
    this.forget();
    const reset = () => {
      for (const { commit } of this.stores.values()) commit.reset();
    };
    const cleared = this.committed.clear();
    if (isPromise(cleared)) return cleared.then(reset);
    reset();
  }

  close(options: { readonly clean: boolean }): MaybePromise<void> {
    this.forget();
    for (const { commit } of this.stores.values()) commit.close();
    this.memory.close();
    return this.committed.close(options);
  }

  private fail(): void {
    for (const { commit } of this.stores.values()) commit.fail();
  }

  private hold(name: string, open: (ground: StoreGroundOf) => OpenStore<unknown>): void {
    const rows = this.committed.rows(name);
    const { memory } = this;
    const distrust = (reason: string) => {
      this.committed.distrust(reason);
      this.fail();
    };
    this.stores.set(name, { ...open({ name, rows, memory, distrust }), rows });
  }

  private held(name: string): HeldStore {
    const held = this.stores.get(name);
    if (held !== undefined) return held;
    throw new StoreError(
      'UNKNOWN_STORE',
      `Store '${name}' is none of this task's stores. List it in the \`stores\` of its node.`,
      { where: { store: name } },
    );
  }
}

type StoreGroundOf = Parameters<typeof openRawStore>[0];

/** Opens committed rows. `names` are all stores of the task. */
export type OpenCommittedState = (
  options: OpenStateOptions,
  names: readonly string[],
) => MaybePromise<CommittedState>;

/** A backend from the way it keeps committed rows. */
export function overlayBackend(openCommitted: OpenCommittedState): StateBackend {
  return {
    open(options) {
      const names = [...options.stores.map(({ name }) => name), ...options.rawStores];
      const committed = openCommitted(options, names);
      if (isPromise(committed)) return committed.then((state) => new OverlayState(state, options));
      return new OverlayState(committed, options);
    },
  };
}
