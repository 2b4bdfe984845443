import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, destroyDatabase, openDatabase } from './database.ts';
import { inspect } from './inspect.ts';
import { failureOf } from './level-error.ts';
import { distrustFile, levelFormat, type LevelOptions, type OpenedLevel } from './level-options.ts';
import { encodeMeta, encodeOpenMark, metaKeys } from './meta-rows.ts';
import {
  type Finding,
  addNumbering,
  nothing,
  numberedStores,
  numberingChecksum,
  removeDropped,
  renumber,
} from './numbering.ts';
import { checkFreeSpace, makeDirectory } from './state-directory.ts';

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
  await checkFreeSpace(directory, options.minFreeBytes);
  const found = await openDatabase(options);
  if (typeof found === 'string') return rebuild(options, names, found);
  try {
    const told = distrustReason(options);
    const finding = told === null ? await inspect(found, options) : null;
    if (finding !== null && typeof finding !== 'string') {
      return await begin(found, options, { names, finding });
    }
    await found.close();
    return await rebuild(options, names, finding ?? told);
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
  if (typeof database === 'string') {
    throw failureOf(new Error(database), 'Opening new state', directory);
  }
  await rm(join(directory, distrustFile), { force: true });
  options.distrusted.delete(directory);
  const opened = await begin(database, options, { names, finding: nothing });
  return { ...opened, rebuildReason: reason };
}

function distrustReason({ directory, distrusted }: LevelOptions): string | null {
  const file = join(directory, distrustFile);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  return distrusted.get(directory) ?? null;
}

async function begin(
  database: Database,
  { bootId, sync, owner }: LevelOptions,
  { names, finding }: { readonly names: readonly string[]; readonly finding: Finding },
): Promise<OpenedLevel> {
  const { format, openMark } = metaKeys;
  const mark = encodeOpenMark({ isClean: false, isSynced: sync, bootId: bootId ?? '' });
  const numbering = renumber(finding.numbering, names);
  const batch = database.batch();
  batch.put(format, encodeMeta(format, Buffer.of(levelFormat)));
  batch.put(metaKeys.owner, encodeMeta(metaKeys.owner, Buffer.from(owner)));
  batch.put(openMark, encodeMeta(openMark, mark));
  const row = addNumbering(batch, numbering, finding.row);
  // Synced: after a loss of power the mark must not be older than the rows.
  await batch.write({ sync: true });
  return {
    database,
    row: await removeDropped(database, numbering, row),
    rebuildReason: null,
    stores: await numberedStores(database, numbering),
    numbering: numberingChecksum(numbering),
  };
}
