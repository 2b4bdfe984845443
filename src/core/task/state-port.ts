import type { MaybePromise } from '../model/maybe-promise.ts';
import type { Serde, SerdeFormat, StoredFormat } from '../serde/serde.ts';
import type { Row } from '../model/record.ts';

/** What the manifest keeps of a store; a change of it is checked at start. */
export interface StoreSchema {
  readonly kind: 'key-value' | 'window' | 'session' | 'versioned';
  readonly key: SerdeFormat;
  readonly value: StoredFormat;
  /** Window definition and the like: plain data, shown in `describe()` and kept in the manifest. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * A named store as a node of the plan declares it; `S` is what the node's processor works with.
 * Made by `src/state`; core only hands it back to the backend.
 */
export interface StoreDefinition<S> {
  readonly name: string;
  readonly schema: StoreSchema;
  /** Its name of before, under which its rows are taken over, once. */
  readonly renamedFrom?: string;
  /** The topic of a source, where that is the store's changelog; else it has one of its own. */
  readonly changelogTopic?: string;
  /** Only for inference of `S`; never set. */
  readonly __store?: S;
  /** Where what a store answers depends on stream time: the store as one node sees it. */
  withTime?(store: S, clock: StreamClock): S;
}

/** The stream time of one time domain, as it is when it is asked for. */
export interface StreamClock {
  readonly streamTimeMs: number;
}

export type AnyStoreDefinition = StoreDefinition<unknown>;

/** Something whose entries can be ranged over, by the task and between records only. */
export interface Scannable<Range, Entry> {
  /** The entries of the range as of now, in encoded-key order, uncommitted writes merged in. */
  openScan(range: Range): ScanCursor<Entry>;
}

export interface ScanCursor<Entry> {
  /** The next entries; none means the end. Writes made after `openScan` are not seen. */
  next(maxEntries: number): MaybePromise<readonly Entry[]>;
  close(): MaybePromise<void>;
}

/** Bounds over encoded keys, compared as unsigned bytes. */
export interface ByteRange {
  readonly gte?: Uint8Array;
  readonly gt?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly lte?: Uint8Array;
}

/** A store of plain bytes with the same commit as all others: the engine's own (timers). */
export interface RawStore extends Scannable<ByteRange, readonly [Uint8Array, Uint8Array]> {
  get(key: Uint8Array): Uint8Array | undefined;
  put(key: Uint8Array, value: Uint8Array | null): void;
}

/** Takes the changes of a commit, each key once; the bytes go to the changelog as they are. */
export interface ChangeSink {
  change(store: string, key: Uint8Array, value: Uint8Array | null): void;
}

/** What one committed batch of the local state corresponds to. */
export interface StatePosition {
  /** Counts the commits of the task, from 1. */
  readonly commitNumber: number;
  /** Next changelog offset per store. */
  readonly changelogs: ReadonlyMap<string, number>;
  /** Wall clock of the commit, epoch milliseconds. */
  readonly committedAtMs: number;
}

/** Returned by `savepoint`, given back to `rollbackTo`; meaningless elsewhere. */
export type StateSavepoint = number;

/**
 * The local state of one task: all its stores, one commit at a time. Uncommitted writes lie in
 * memory above the last committed batch; `drain`, then `write` (after the log said yes) or
 * `forget`. Between the two work goes on: what is written then is for the next commit, and reads
 * see both.
 */
export interface LocalState {
  /** What the local copy holds, or null where nothing trustworthy is there: then it is empty. */
  readonly position: StatePosition | null;
  /** Why an existing local copy was not trusted, for the log and the metrics. */
  readonly rebuildReason: string | null;

  store<S>(definition: StoreDefinition<S>): S;
  raw(name: string): RawStore;

  /** Bytes written since the last drain, about. */
  readonly dirtyBytes: number;

  /** Begins an undo list; at most one is open. */
  savepoint(): StateSavepoint;
  rollbackTo(savepoint: StateSavepoint): void;
  /** Drops the undo list: the writes since the savepoint stay. */
  release(savepoint: StateSavepoint): void;

  /** Serialises each key written since the last drain once, in a stable order. */
  drain(sink: ChangeSink): void;
  /** Makes what was drained durable together with its position: one atomic batch. */
  write(position: StatePosition): MaybePromise<void>;
  /** Drops all uncommitted writes, those after a drain and those in it. */
  forget(): void;

  /**
   * Applies changelog records, not through the overlay: rows as bytes, null removes.
   * `position` is what the state corresponds to afterwards; it is in the same batch.
   */
  restore(
    store: string,
    changes: readonly RestoredChange[],
    position: StatePosition,
  ): MaybePromise<void>;
  /** What a row would be in the changelog of a store without windows; null deletes. */
  changeOf(store: string, key: unknown, row: Row<unknown> | null): RestoredChange;
  /** The present row of a changelog key, as it would be written to the changelog. */
  rowBytes(store: string, key: Uint8Array): Uint8Array | null;

  /** Called before the first restore of a state that is not trusted. */
  clear(): MaybePromise<void>;
  /** `clean` leaves a mark: the next open on any boot trusts the files. */
  close(options: { readonly clean: boolean }): MaybePromise<void>;
}

export type RestoredChange = readonly [key: Uint8Array, value: Uint8Array | null];

export interface OpenStateOptions {
  readonly application: string;
  readonly taskId: string;
  readonly stores: readonly AnyStoreDefinition[];
  /** Names of raw stores. */
  readonly rawStores: readonly string[];
  readonly maxCacheBytes: number;
  /** Stands before the serde of a store's values; see `TaskInspection`. */
  readonly inspect?: <T>(serde: Serde<T>, store: string) => Serde<T>;
}

/** Opens the local state of tasks: LevelDB below a directory, or memory. */
export interface StateBackend {
  /** Closed is gone: there is no use in filling a state before its task comes. */
  readonly isVolatile?: boolean;
  /** @throws {StoreError} `STORE_LOCKED`, `STORE_IO`. Damage gives `position: null`, no error. */
  open(options: OpenStateOptions): MaybePromise<LocalState>;
}
