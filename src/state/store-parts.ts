import { trusted } from '../core/serde/key-identity.ts';
import type { Row } from '../core/model/record.ts';
import { asBuffer } from '../core/serde/range-serde.ts';
import type { Serde } from '../core/serde/serde.ts';
import type {
  AnyStoreDefinition,
  ChangeSink,
  RestoredChange,
  StoreDefinition,
} from '../core/task/state-port.ts';
import type { CommittedRows, RowBatch } from './committed-rows.ts';
import type { KeyLayout } from './key-codec.ts';
import { Overlay } from './overlay.ts';
import { acknowledge, drainOverlay, endCommit, forgetWrites } from './overlay-commit.ts';
import { RowCodec } from './row-codec.ts';
import type { TaskMemory } from './task-memory.ts';

/** What a store is opened on. */
export interface StoreGround {
  readonly name: string;
  readonly rows: CommittedRows;
  readonly memory: TaskMemory;
  readonly distrust: (reason: string) => void;
  /** Stands before the serde of the values, where somebody looks. */
  readonly inspect?: <T>(serde: Serde<T>, store: string) => Serde<T>;
}

/** An open store: what processors work with, and the side of it that only the task knows. */
export interface OpenStore<S> {
  readonly store: S;
  readonly commit: StoreCommit;
}

/** What the task does with a store, whatever its types. */
export interface StoreCommit {
  drain(target: { readonly sink: ChangeSink; readonly batch: RowBatch }): void;
  /** The log said yes to what was drained. */
  acknowledge(): void;
  /** And it is on disk. */
  endCommit(): void;
  forget(): void;
  /** A row as the changelog would have it, in a copy. */
  changeOf(key: unknown, row: Row<unknown> | null): RestoredChange;
  /** The row of a changelog key as committed, its checksum verified. */
  rowBytes(key: Uint8Array): Uint8Array | null;
  /** Rows were put or removed below the overlay, under the keys of these changes. */
  restored(changes: readonly RestoredChange[]): void;
  reset(): void;
  /** The state failed: what is not in memory is asked for on disk, which refuses. */
  fail(): void;
  close(): void;
}

/** A definition as this package makes it: core sees only the `StoreDefinition`. */
export interface OpenableDefinition<S> extends StoreDefinition<S> {
  readonly open: (ground: StoreGround) => OpenStore<S>;
}

export function isOpenable(
  definition: AnyStoreDefinition,
): definition is OpenableDefinition<unknown> {
  return 'open' in definition && typeof definition.open === 'function';
}

export interface OverlayFormat<K, V> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly layout: (key: Serde<K>) => KeyLayout<K>;
}

/** Builds the overlay of a store and the task's side of it. */
export function openOverlay<K, V>(
  ground: StoreGround,
  { key, value, layout }: OverlayFormat<K, V>,
): { readonly overlay: Overlay<K, V>; readonly commit: StoreCommit } {
  const { name, rows, memory, distrust, inspect } = ground;
  const keyLayout = layout(trusted(key));
  const values = inspect === undefined ? trusted(value) : inspect(trusted(value), name);
  // By the version that the manifest names, whatever the trusted form of the serde says.
  const versioned = Object.create(values, { version: { value: value.version } }) as Serde<V>; // the same serde
  const isOne = values.version === value.version;
  const format = {
    key: trusted(key),
    value: isOne ? values : versioned,
    layout: keyLayout,
    upgrade: value.upgrade?.bind(value),
  };
  const codec = new RowCodec(format, rows, memory.writer, distrust);
  const onDisk = () => (rows.lastKey === null ? -1 : keyLayout.endMs(rows.lastKey));
  const overlay = new Overlay(name, codec, memory, onDisk());
  return {
    overlay,
    commit: storeCommit(overlay, rows, { onDisk, endMs: (key) => keyLayout.endMs(key) }),
  };
}

function storeCommit<K, V>(
  overlay: Overlay<K, V>,
  rows: CommittedRows,
  bounds: { readonly onDisk: () => number; readonly endMs: (key: Buffer) => number },
): StoreCommit {
  return {
    drain: (target) => {
      drainOverlay(overlay, rows, target);
    },
    acknowledge: () => {
      acknowledge(overlay);
    },
    endCommit: () => {
      endCommit(overlay);
    },
    forget: () => {
      forgetWrites(overlay);
    },
    changeOf: (key, row) =>
      overlay.codec.change({ key: key as K, startMs: 0, endMs: 0 }, row as Row<V> | null), // of its serdes
    rowBytes: (key) => overlay.codec.readEnvelope(key),
    restored: (changes) => {
      let last = overlay.onDiskUpToEndMs;
      for (const [key] of changes) last = Math.max(last, bounds.endMs(asBuffer(key)));
      overlay.reset(last);
    },
    reset: () => {
      overlay.reset(bounds.onDisk());
    },
    fail: () => {
      overlay.trustDisk(Infinity);
    },
    close: () => {
      forgetWrites(overlay);
      // What is asked for from now on goes to the backend, which refuses.
      overlay.reset(Infinity);
    },
  };
}
