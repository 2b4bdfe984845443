import type { MaybePromise } from '../core/model/maybe-promise.ts';
import type { ByteRange, ScanCursor, StatePosition } from '../core/task/state-port.ts';

/** An entry of a backend: the key without the store's prefix, and the row's envelope. */
export type StoredEntry = readonly [key: Buffer, envelope: Buffer];

/** The committed rows of one store, as bytes. */
export interface CommittedRows {
  readonly store: string;
  /** Stands before the key in what `get` and a batch are given; empty where none is needed. */
  readonly prefix: Uint8Array;
  /** The last key when the state was opened or cleared, without the prefix; null: no row. */
  readonly lastKey: Buffer | null;
  /** The envelope under a prefixed key. The key is not kept. */
  get(prefixedKey: Buffer): Buffer | undefined;
  /** The rows of now in key order; keys and bounds without the prefix. */
  scan(range: ByteRange): ScanCursor<StoredEntry>;
}

/** What becomes durable at once. Keys carry the prefix of their store; bytes are copied. */
export interface RowBatch {
  put(rows: CommittedRows, prefixedKey: Buffer, envelope: Buffer): void;
  remove(rows: CommittedRows, prefixedKey: Buffer): void;
  write(position: StatePosition): MaybePromise<void>;
  discard(): void;
}

/** All committed rows of one task: what a backend provides below the overlay. */
export interface CommittedState {
  readonly position: StatePosition | null;
  readonly rebuildReason: string | null;
  rows(store: string): CommittedRows;
  batch(): RowBatch;
  /** Removes every row and the position. */
  clear(): MaybePromise<void>;
  /** Told when a row read does not match its checksum: nothing in the state is trusted any more. */
  distrust(reason: string): void;
  close(options: { readonly clean: boolean }): MaybePromise<void>;
}
