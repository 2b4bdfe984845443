import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, type DatabaseOptions, destroyDatabase, openDatabase } from './database.ts';
import { inspect } from './inspect.ts';
import { DISTRUST_FILE } from './level-state.ts';
import { encodeMeta, encodeOpenMark, metaKeys, type PositionRow, type StoreDigest } from './meta-rows.ts';
import { makeDirectory } from './state-directory.ts';
import { type NumberedStore, numberStores } from './store-numbers.ts';

export interface LevelOptions extends DatabaseOptions {
  /** Null where the system has none: then only a clean close, or `sync`, is trusted. */
  readonly bootId: string | null;
  readonly sync: boolean;
  readonly verify: 'default' | 'open';
  /** Directories whose distrust file could not be written, with the reason. */
  readonly distrusted: Map<string, string>;
}

/** A database that is open, marked as such, and trusted as far as it goes. */
export interface OpenedLevel {
  readonly database: Database;
  /** Null: it is empty. */
  readonly row: PositionRow | null;
  readonly rebuildReason: string | null;
  readonly stores: ReadonlyMap<string, NumberedStore>;
  /** Digests of an empty database, if they are to be kept. */
  readonly firstDigests: ReadonlyMap<number, StoreDigest> | null;
}

/** The layout of all keys and rows; raised when an older library could not read them. */
export const LEVEL_FORMAT = 1;

/**
 * Opens the state of a task. What cannot be trusted is deleted, under LevelDB's lock, and said why.
 *
 * @throws {StoreError} `STORE_LOCKED`, `STORE_IO`, `FORMAT_NEWER`.
 */
export async function openLevel(
  options: LevelOptions,
  names: readonly string[],
): Promise<OpenedLevel> {
  const { directory } = options;
  await makeDirectory(directory);
  const found = await openDatabase(options);
  if (typeof found === 'string') return rebuild(options, names, found);
  try {
    const told = distrustReason(options);
    const { row, reason } = await inspect(found, options);
    if (reason === null && told === null) return await begin(found, options, { names, row });
    await found.close();
    return await rebuild(options, names, told ?? reason ?? '');
  } catch (error) {
    await found.close();
    throw error;
  }
}

/** Deletes everything and begins anew. */
export async function rebuild(
  options: LevelOptions,
  names: readonly string[],
  reason: string | null,
): Promise<OpenedLevel> {
  const { directory } = options;
  await destroyDatabase(options);
  await makeDirectory(directory);
  const database = await openDatabase(options);
  if (typeof database === 'string') throw new TypeError(database);
  await rm(join(directory, DISTRUST_FILE), { force: true });
  options.distrusted.delete(directory);
  const opened = await begin(database, options, { names, row: null });
  return { ...opened, rebuildReason: reason };
}

function distrustReason({ directory, distrusted }: LevelOptions): string | null {
  const file = join(directory, DISTRUST_FILE);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  return distrusted.get(directory) ?? null;
}

async function begin(
  database: Database,
  { bootId, sync, verify }: LevelOptions,
  { names, row }: { readonly names: readonly string[]; readonly row: PositionRow | null },
): Promise<OpenedLevel> {
  const { format, openMark } = metaKeys;
  const mark = encodeOpenMark({ isClean: false, isSynced: sync, bootId: bootId ?? '' });
  const batch = database.batch();
  batch.put(format, encodeMeta(format, Buffer.of(LEVEL_FORMAT)));
  batch.put(openMark, encodeMeta(openMark, mark));
  // On disk before any row: after a loss of power the mark must not be older than the rows.
  await batch.write({ sync: true });
  const { stores, row: kept } = await numberStores(database, names, row);
  const firstDigests = verify === 'open' ? new Map<number, StoreDigest>() : null;
  return { database, row: kept, rebuildReason: null, stores, firstDigests };
}
