import { type ChainedBatch, ClassicLevel } from 'classic-level';
import { StoreError } from '../../core/model/errors.ts';
import { claimDirectory, releaseDirectory } from '../../core/runtime/open-directories.ts';
import { classify, failureOf, LevelError, messageOf } from './level-error.ts';

export type Database = ClassicLevel<Buffer, Buffer>;

export type DatabaseBatch = ChainedBatch<Database, Buffer, Buffer>;

export interface DatabaseOptions {
  readonly directory: string;
  readonly writeBufferBytes: number;
  /** How long to wait for the lock of another process or task. */
  readonly lockWaitMs: number;
  readonly sleep: (delayMs: number) => Promise<void>;
}

const minBackOffMs = 20;
const maxBackOffMs = 1000;

/**
 * Opens LevelDB, which takes the lock of the directory. A text says how its files are damaged.
 *
 * @throws {StoreError} `STORE_LOCKED` once another held the lock for `lockWaitMs`; `STORE_IO`.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database | string> {
  const { directory, writeBufferBytes } = options;
  try {
    return await waitForLock(options, async () => {
      claim(directory);
      const database: Database = new ClassicLevel(directory, {
        keyEncoding: 'buffer',
        valueEncoding: 'buffer',
        compression: false,
        writeBufferSize: writeBufferBytes,
      });
      try {
        await database.open();
      } catch (error) {
        releaseDirectory(directory);
        throw error;
      }
      database.once('closed', () => {
        releaseDirectory(directory);
      });
      return database;
    });
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (classify(error) === 'damaged') return messageOf(error);
    throw failureOf(error, 'Opening the state', directory);
  }
}

/** Deletes the files of a closed database. LevelDB takes its lock while it does so. */
export async function destroyDatabase(options: DatabaseOptions): Promise<void> {
  try {
    await waitForLock(options, () => destroy(options.directory));
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw failureOf(error, 'Deleting the state', options.directory);
  }
}

async function destroy(directory: string): Promise<void> {
  claim(directory);
  try {
    await ClassicLevel.destroy(directory);
  } finally {
    releaseDirectory(directory);
  }
}

/** Fails as LevelDB does where a database of this process has the directory. */
function claim(directory: string): void {
  if (claimDirectory(directory)) return;
  throw new LevelError('LEVEL_LOCKED', `'${directory}' is open in this process`);
}

async function waitForLock<T>(options: DatabaseOptions, attempt: () => Promise<T>): Promise<T> {
  const { directory, lockWaitMs, sleep } = options;
  let waitedMs = 0;
  for (let delayMs = minBackOffMs; ; delayMs = Math.min(delayMs * 2, maxBackOffMs)) {
    try {
      return await attempt();
    } catch (cause) {
      if (classify(cause) !== 'locked') throw cause;
      if (waitedMs >= lockWaitMs) {
        throw new StoreError(
          'STORE_LOCKED',
          `'${directory}' is held by another process or task (waited ${waitedMs} ms). ` +
            "Stop the other one, or use another 'stateDir'.",
          { cause },
        );
      }
    }
    await sleep(delayMs);
    waitedMs += delayMs;
  }
}
