import type { StateBackend, StatePosition } from '../../src/core/task/state-port.ts';
import type { CommittedState, RowBatch } from '../../src/state/committed-rows.ts';
import { OrderedRows } from '../../src/state/memory/ordered-rows.ts';
import { overlayBackend } from '../../src/state/overlay-state.ts';

/** A disk of the simulation: what its tasks committed outlives the process that did. */
export function survivingState(): StateBackend {
  const disk = new Map<string, SurvivingState>();
  return overlayBackend(({ taskId }) => {
    const kept = disk.get(taskId) ?? new SurvivingState();
    disk.set(taskId, kept);
    return kept;
  });
}

class SurvivingState implements CommittedState {
  position: StatePosition | null = null;
  readonly rebuildReason = null;
  private readonly stores = new Map<string, OrderedRows>();

  rows(store: string): OrderedRows {
    const rows = this.stores.get(store) ?? new OrderedRows(store);
    this.stores.set(store, rows);
    return rows;
  }

  batch(): RowBatch {
    const changes: (() => void)[] = [];
    return {
      put: ({ store }, key, envelope) => {
        const [name, bytes] = [key.toString('latin1'), Buffer.from(envelope)];
        changes.push(() => this.rows(store).put(name, bytes));
      },
      remove: ({ store }, key) => {
        const name = key.toString('latin1');
        changes.push(() => this.rows(store).remove(name));
      },
      write: (position) => {
        for (const change of changes) change();
        this.position = position;
      },
      discard: () => {
        changes.length = 0;
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
    // It stays as it was committed, as files do.
  }
}
