import { invariant } from '../core/model/invariant.ts';
import { StoreError } from '../core/model/errors.ts';
import type { StateSavepoint } from '../core/task/state-port.ts';
import { ByteWriter } from './byte-writer.ts';
import { KeyFilter } from './key-filter.ts';
import { RowCache } from './row-cache.ts';

/** What part of the cache a store may take to remember which keys left it. */
const filterShare = 1 / 16;

/** A write that can be taken back. */
export interface UndoStep {
  undo(): void;
}

/** What the stores of one task share. */
export class TaskMemory {
  readonly writer = new ByteWriter();
  readonly cache: RowCache;
  /** Bytes of uncommitted writes, about. */
  dirtyBytes = 0;
  /** Null while no savepoint is open: then a write costs nothing more. */
  undoSteps: UndoStep[] | null = null;
  private isClosed = false;
  private savepoints = 0;

  constructor(private readonly maxCacheBytes: number) {
    this.cache = new RowCache(maxCacheBytes);
  }

  keyFilter(): KeyFilter {
    const filter = new KeyFilter(this.maxCacheBytes * filterShare);
    this.cache.grow(filter.bytes);
    return filter;
  }

  openSavepoint(): StateSavepoint {
    invariant(this.undoSteps === null, 'At most one savepoint is open.');
    this.undoSteps = [];
    return ++this.savepoints;
  }

  rollbackTo(savepoint: StateSavepoint): void {
    const steps = this.closeSavepoint(savepoint);
    for (let index = steps.length - 1; index >= 0; index--) steps[index]?.undo();
  }

  release(savepoint: StateSavepoint): void {
    this.closeSavepoint(savepoint);
  }

  /** The steps lead to entries that are no longer there. */
  dropSavepoint(): void {
    this.undoSteps = null;
  }

  close(): void {
    this.isClosed = true;
    this.undoSteps = null;
  }

  checkOpen(store: string): void {
    if (!this.isClosed) return;
    throw new StoreError(
      'STORE_CLOSED',
      `Store '${store}' was used after its task was closed. Use stores only inside callbacks.`,
      { where: { store } },
    );
  }

  private closeSavepoint(savepoint: StateSavepoint): UndoStep[] {
    const steps = this.undoSteps;
    invariant(steps !== null && savepoint === this.savepoints, 'The savepoint is open.');
    this.undoSteps = null;
    return steps;
  }
}
