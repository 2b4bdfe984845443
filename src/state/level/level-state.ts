import { open, readdir } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../../core/model/errors.ts';
import type { StatePosition } from '../../core/task/state-port.ts';
import type { CommittedRows, CommittedState, RowBatch } from '../committed-rows.ts';
import { type Database, type DatabaseBatch, destroyDatabase } from './database.ts';
import { DigestChanges } from './digest.ts';
import { failureOf } from './level-error.ts';
import { distrustFile, type LevelOptions, maxMarkers, type OpenedLevel } from './level-options.ts';
import { type DatabaseAccess, LevelRows } from './level-rows.ts';
import { encodeMeta, encodeOpenMark, encodePosition, markerKey, metaKeys } from './meta-rows.ts';

/** The committed rows of a task in LevelDB: one atomic batch per commit, checked rows, one lock. */
export class LevelState implements CommittedState, DatabaseAccess {
  private readonly stores = new Map<string, LevelRows>();
  private failure: StoreError | null = null;
  private isClosed = false;
  /** Checksums in the batches that are handed over and not yet written. */
  private underWay: readonly ReadonlyMap<string, number | null>[] = [];
  /** Settles when all batches handed over so far are written; batches keep their order. */
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: LevelOptions,
    private level: OpenedLevel,
    private readonly reopen: () => Promise<OpenedLevel>,
  ) {}

  get position(): StatePosition | null {
    return this.level.row?.position ?? null;
  }

  get rebuildReason(): string | null {
    return this.level.rebuildReason;
  }

  rows(store: string): CommittedRows {
    const held = this.stores.get(store);
    if (held !== undefined) return held;
    const rows = new LevelRows(store, this);
    rows.point(this.level);
    this.stores.set(store, rows);
    return rows;
  }

  /** The database, as long as it may be used. */
  database(): Database {
    if (this.failure !== null) throw this.failure;
    if (!this.isClosed) return this.level.database;
    throw new StoreError(
      'STORE_CLOSED',
      `The state in '${this.options.directory}' is closed. Use stores only inside callbacks.`,
    );
  }

  batch(): RowBatch {
    const database = this.database();
    const batch = database.batch();
    const changes = this.digestChanges();
    return {
      put: (rows, key, envelope) => {
        changes?.put(rows, key, envelope);
        batch.put(key, envelope);
      },
      remove: (rows, key) => {
        changes?.remove(rows, key);
        batch.del(key);
      },
      write: (position) => {
        const sequence = (this.level.row?.sequence ?? 0) + 1;
        const { numbering } = this.level;
        const row = { position, sequence, numbering, digests: changes?.result() ?? null };
        const marker = markerKey(sequence);
        batch.put(metaKeys.position, encodeMeta(metaKeys.position, encodePosition(row)));
        batch.put(marker, encodeMeta(marker, Buffer.alloc(0)));
        if (sequence > maxMarkers) batch.del(markerKey(sequence - maxMarkers));
        this.level = { ...this.level, row };
        this.tail = this.handOver(batch, changes);
        return this.tail;
      },
      discard: () => {
        void batch.close();
      },
    };
  }

  async clear(): Promise<void> {
    await this.settle();
    await this.level.database.close();
    this.level = await this.reopen();
    for (const rows of this.stores.values()) rows.point(this.level);
  }

  /** The first failure is the last read or write; the next open starts from nothing. */
  fail(error: unknown, doing: string): StoreError {
    this.failure ??= failureOf(error, doing, this.options.directory);
    this.distrust(this.failure.message);
    return this.failure;
  }

  distrust(reason: string): void {
    this.failure ??= new StoreError(
      'STORE_DAMAGED',
      `The state in '${this.options.directory}' is not trusted any more: ${reason}`,
    );
    this.options.distrusted.set(this.options.directory, reason);
    try {
      writeFileSync(join(this.options.directory, distrustFile), reason);
    } catch {
      // A disk that is full or gone: this process remembers, and `close` tries to delete the files.
    }
  }

  async close({ clean }: { readonly clean: boolean }): Promise<void> {
    if (this.isClosed) return;
    await this.settle();
    this.isClosed = true;
    const { database } = this.level;
    try {
      if (clean && this.failure === null) await this.markClean(database);
    } finally {
      await database.close();
    }
    if (this.failure === null) return;
    // Where it fails, the distrust file or the process's memory speaks at the next open.
    await destroyDatabase(this.options).catch(() => undefined);
  }

  async guard(doing: string, work: () => Promise<void>): Promise<void> {
    if (this.failure !== null) throw this.failure;
    try {
      await work();
    } catch (error) {
      throw this.fail(error, doing);
    }
  }

  /** Digests cost a read per write, so they are kept only where each open compares them. */
  private digestChanges(): DigestChanges | null {
    if (this.options.verify === 'default') return null;
    return new DigestChanges(this.level.row?.digests ?? new Map(), this.underWay);
  }

  /** Writes a batch after those before it; the first failure is that of all later ones. */
  private async handOver(batch: DatabaseBatch, changes: DigestChanges | null): Promise<void> {
    const before = this.tail;
    if (changes !== null) this.underWay = [...this.underWay, changes.written];
    await before;
    await this.guard('Writing a batch', () => batch.write({ sync: this.options.sync }));
    this.underWay = this.underWay.filter((written) => written !== changes?.written);
  }

  private async settle(): Promise<void> {
    // Who wrote the batch was told; here only its end matters.
    await this.tail.catch(() => undefined);
  }

  private markClean(database: Database): Promise<void> {
    const { directory, bootId, sync } = this.options;
    return this.guard('Closing the state', async () => {
      await syncLogs(directory);
      const mark = encodeOpenMark({ isClean: true, isSynced: sync, bootId: bootId ?? '' });
      const { openMark } = metaKeys;
      await database.put(openMark, encodeMeta(openMark, mark), { sync: true });
    });
  }
}

/** LevelDB syncs the log it writes to; the one before may still wait to become a table. */
async function syncLogs(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.log')) continue;
    const file = await open(join(directory, name)).catch(() => null);
    // LevelDB deletes a log once its table is on disk.
    if (file === null) continue;
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}
