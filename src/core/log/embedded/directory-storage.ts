import { mkdirSync } from 'node:fs';
import { ClassicLevel } from 'classic-level';
import { LogError } from '../../model/errors.ts';
import { invariant } from '../../model/invariant.ts';
import type { MaybePromise } from '../../model/maybe-promise.ts';
import { claimDirectory, releaseDirectory } from '../../runtime/open-directories.ts';
import type { TopicPartition } from '../port.ts';
import { headerBytes } from '../record-batch/batch-header.ts';
import { checkBatch } from '../record-batch/decode-batch.ts';
import { BatchCache } from './batch-cache.ts';
import type { BatchEntry } from './batch-entry.ts';
import type { LogStorage } from './log-storage.ts';
import { batchRow, headerRow } from './row-keys.ts';

export interface DirectoryOptions {
  readonly directory: string;
  /** Of batches that are on disk too. */
  readonly maxCacheBytes: number;
  /** Wait for the disk itself: survives a crash of the machine, at several times the cost. */
  readonly sync: boolean;
}

type Level = ClassicLevel<string, Buffer>;

type Row =
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: string };

const writeBufferBytes = 16 * 1024 * 1024;
/** Rows read at once when a log is opened. */
const rowsPerRead = 1000;

/**
 * Rows in LevelDB. What is queued while a write is under way goes out together as the next one, in
 * one atomic batch, so a crash leaves a prefix of the flushes. The first failed write is final:
 * LevelDB would acknowledge later ones and lose them.
 */
export class DirectoryStorage implements LogStorage {
  private level: Level | null = null;
  private readonly cache: BatchCache;
  private queued: Row[] = [];
  /** Their bytes may be forgotten once the queued rows are written. */
  private queuedBatches: BatchEntry[] = [];
  private lastWrite: Promise<void> = Promise.resolve();
  private nextWrite: Promise<void> | null = null;

  constructor(private readonly options: DirectoryOptions) {
    this.cache = new BatchCache(options.maxCacheBytes);
  }

  async open(): Promise<void> {
    const { directory } = this.options;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw ioFailed('opened', directory, error);
    }
    if (!claimDirectory(directory)) throw isHeld(directory, undefined);
    const level: Level = new ClassicLevel(directory, { valueEncoding: 'buffer' });
    try {
      await level.open({ compression: false, writeBufferSize: writeBufferBytes });
    } catch (error) {
      releaseDirectory(directory);
      throw openFailed(directory, error);
    }
    level.once('closed', () => {
      releaseDirectory(directory);
    });
    this.level = level;
  }

  async visitRows(prefix: string, visit: (key: string, value: Buffer) => void): Promise<void> {
    // '~' sorts after every character of a key.
    const rows = this.opened().iterator({ gte: prefix, lt: `${prefix}~` });
    try {
      for (;;) {
        const page = await rows.nextv(rowsPerRead);
        if (page.length === 0) break;
        for (const [key, value] of page) visit(key, value);
      }
    } catch (error) {
      throw error instanceof LogError ? error : ioFailed('read', this.options.directory, error);
    } finally {
      await rows.close();
    }
  }

  putRow(key: string, value: Buffer | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.queued.push({ type: 'put', key, value: bytes });
  }

  deleteRow(key: string): void {
    this.queued.push({ type: 'del', key });
  }

  putBatch(place: TopicPartition, entry: BatchEntry): void {
    const { bytes, baseOffset, isControl } = entry;
    if (bytes === null) return;
    // The header alone tells the index all it needs; of a marker its one record too.
    const header = isControl ? bytes : bytes.subarray(0, headerBytes);
    this.putRow(headerRow(place, baseOffset), header);
    if (!isControl) this.putRow(batchRow(place, baseOffset), bytes);
    this.queuedBatches.push(entry);
  }

  deleteBatch(place: TopicPartition, entry: BatchEntry): void {
    this.cache.forget(entry);
    this.deleteRow(headerRow(place, entry.baseOffset));
    if (!entry.isControl) this.deleteRow(batchRow(place, entry.baseOffset));
  }

  flush(): Promise<void> {
    this.nextWrite ??= this.lastWrite.then(() => this.writeQueued());
    return this.nextWrite;
  }

  readBatches(
    place: TopicPartition,
    entries: readonly BatchEntry[],
  ): MaybePromise<readonly (Buffer | null)[]> {
    const read = entries.map(({ bytes }) => bytes);
    if (!read.includes(null)) {
      for (const entry of entries) this.cache.touch(entry);
      return read;
    }
    return this.readMissing(place, entries);
  }

  async close(): Promise<void> {
    if (this.level === null) return;
    try {
      await this.flush();
    } finally {
      await this.level.close();
    }
  }

  private async writeQueued(): Promise<void> {
    const { queued: rows, queuedBatches: batches } = this;
    if (this.nextWrite !== null) this.lastWrite = this.nextWrite;
    this.nextWrite = null;
    this.queued = [];
    this.queuedBatches = [];
    if (rows.length === 0) return;
    try {
      await this.opened().batch(rows, { sync: this.options.sync });
    } catch (error) {
      throw ioFailed('written', this.options.directory, error);
    }
    for (const entry of batches) this.release(entry);
  }

  private release(entry: BatchEntry): void {
    if (entry.isControl) entry.bytes = null;
    else if (entry.bytes !== null) this.cache.hold(entry, entry.bytes);
  }

  private async readMissing(
    place: TopicPartition,
    entries: readonly BatchEntry[],
  ): Promise<readonly (Buffer | null)[]> {
    const missing = entries.filter(({ bytes }) => bytes === null);
    // Taken now: the cache may forget some of them while the others are read.
    const read = new Map(entries.map((entry) => [entry, entry.bytes]));
    const keys = missing.map(({ baseOffset }) => batchRow(place, baseOffset));
    const found = await this.getMany(keys);
    missing.forEach((entry, index) => {
      const bytes = found[index];
      if (bytes === undefined) return;
      // LevelDB does not check what it reads.
      checkBatch(bytes, { ...place, offset: entry.baseOffset });
      read.set(entry, bytes);
      this.cache.hold(entry, bytes);
    });
    return entries.map((entry) => read.get(entry) ?? null);
  }

  private async getMany(keys: string[]): Promise<(Buffer | undefined)[]> {
    try {
      return await this.opened().getMany(keys);
    } catch (error) {
      throw ioFailed('read', this.options.directory, error);
    }
  }

  private opened(): Level {
    invariant(this.level !== null, 'The directory of the log is used before it is open.');
    return this.level;
  }
}

function openFailed(directory: string, error: unknown): LogError {
  const { cause } = error instanceof Error ? error : {};
  const isLocked = cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
  return isLocked ? isHeld(directory, error) : ioFailed('opened', directory, error);
}

function isHeld(directory: string, cause: unknown): LogError {
  return new LogError(
    'fatal',
    'LOG_IO',
    `Directory '${directory}' of the embedded log is held by another process, or by another log ` +
      'of this one. Stop it, or use another directory.',
    { cause },
  );
}

function ioFailed(action: string, directory: string, cause: unknown): LogError {
  return new LogError(
    'fatal',
    'LOG_IO',
    `Directory '${directory}' of the embedded log could not be ${action}: see the cause for ` +
      'rights, space or a failing disk. The log takes no more; mend it and start again.',
    { cause },
  );
}
