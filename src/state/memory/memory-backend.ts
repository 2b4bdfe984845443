import type { StateBackend, StatePosition } from '../../core/task/state-port.ts';
import type { CommittedRows, CommittedState, RowBatch } from '../committed-rows.ts';
import { overlayBackend } from '../overlay-state.ts';
import { OrderedRows } from './ordered-rows.ts';

type Operation = readonly [rows: OrderedRows, key: string, envelope: Buffer | null];

/** Committed rows that live as long as the task. Answers everything at once. */
class MemoryState implements CommittedState {
  position: StatePosition | null = null;
  readonly rebuildReason = null;
  private readonly stores = new Map<string, OrderedRows>();

  rows(store: string): CommittedRows {
    return this.orderedRows(store);
  }

  batch(): RowBatch {
    const operations: Operation[] = [];
    return {
      put: ({ store }, key, envelope) => {
        operations.push([this.orderedRows(store), key.toString('latin1'), Buffer.from(envelope)]);
      },
      remove: ({ store }, key) => {
        operations.push([this.orderedRows(store), key.toString('latin1'), null]);
      },
      write: (position) => {
        for (const [rows, key, envelope] of operations) {
          if (envelope === null) rows.remove(key);
          else rows.put(key, envelope);
        }
        this.position = position;
      },
      discard: () => {
        operations.length = 0;
      },
    };
  }

  clear(): void {
    for (const rows of this.stores.values()) rows.clear();
    this.position = null;
  }

  distrust(): void {
    this.clear();
  }

  close(): void {
    this.clear();
  }

  private orderedRows(store: string): OrderedRows {
    const held = this.stores.get(store);
    if (held !== undefined) return held;
    const rows = new OrderedRows(store);
    this.stores.set(store, rows);
    return rows;
  }
}

/**
 * State in memory: every answer comes at once, nothing survives `close`. For the test driver,
 * simulations, and applications that would rather restore than keep files.
 */
export function memoryBackend(): StateBackend {
  return { ...overlayBackend(() => new MemoryState()), isVolatile: true };
}
