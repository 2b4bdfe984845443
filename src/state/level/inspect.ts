import { StoreError } from '../../core/model/errors.ts';
import type { Database } from './database.ts';
import { classify, messageOf } from './level-error.ts';
import { levelFormat, type LevelOptions, maxMarkers, rowsPerRead } from './level-options.ts';
import { behindPrefix } from './level-rows.ts';
import {
  decodeMeta,
  decodeOpenMark,
  decodePosition,
  markerSequence,
  metaKeys,
} from './meta-rows.ts';
import { decodeNumbering, type Finding, nothing, numberingChecksum } from './numbering.ts';
import { verifyAll } from './verify.ts';

/**
 * Decides whether a database that was opened is what its last owner committed; a text says why not.
 *
 * @throws {StoreError} `FORMAT_NEWER`; nothing was touched.
 */
export async function inspect(
  database: Database,
  options: LevelOptions,
): Promise<Finding | string> {
  try {
    return await judge(database, options);
  } catch (error) {
    if (error instanceof StoreError || classify(error) !== 'damaged') throw error;
    return messageOf(error);
  }
}

async function judge(database: Database, options: LevelOptions): Promise<Finding | string> {
  const format = payloadOf(database, metaKeys.format);
  if (format === undefined && (await hasNoKey(database))) return nothing;
  if (format === undefined || format === null) return 'the format row is missing or damaged';
  checkFormat(format[0] ?? 0, options.directory);
  const untrusted = foreignReason(database, options) ?? uncleanReason(database, options);
  if (untrusted !== null) return untrusted;
  const numbered = payloadOf(database, metaKeys.numbering);
  const placed = payloadOf(database, metaKeys.position);
  // A crash of the first open of all, before the numbering was written.
  if (numbered === undefined && placed === undefined) return nothing;
  if (numbered === undefined || numbered === null) return 'the numbering is missing or damaged';
  if (placed === null) return 'the position row is damaged';
  const numbering = decodeNumbering(numbered);
  const row = placed === undefined ? null : decodePosition(placed);
  const reason = await doubt(database, options, { row, numbering });
  return reason ?? { row, numbering };
}

async function doubt(
  database: Database,
  options: LevelOptions,
  finding: Finding,
): Promise<string | null> {
  const { row, numbering } = finding;
  if (row !== null && row.numbering !== numberingChecksum(numbering)) {
    return 'position row and numbering are of different times';
  }
  const gap = await markerGap(database, row?.sequence ?? 0);
  if (gap !== null || options.verify === 'default') return gap;
  return verifyAll(database, options.directory, finding);
}

function checkFormat(format: number, directory: string): void {
  if (format <= levelFormat) return;
  throw new StoreError(
    'FORMAT_NEWER',
    `The state in '${directory}' has format ${format}; this version reads up to ${levelFormat}. ` +
      'Run the newer version; nothing was touched.',
  );
}

/** Directories that were swapped or copied hold rows of other partitions. */
function foreignReason(database: Database, { owner }: LevelOptions): string | null {
  const found = payloadOf(database, metaKeys.owner) ?? null;
  if (found === null) return 'the owner row is missing or damaged';
  return found.toString() === owner ? null : `it is the state of '${found.toString()}'`;
}

/** After a crash of the machine the log may have holes, unless each write was synced. */
function uncleanReason(database: Database, { bootId }: LevelOptions): string | null {
  const payload = payloadOf(database, metaKeys.openMark) ?? null;
  if (payload === null) return 'the open mark is missing or damaged';
  const mark = decodeOpenMark(payload);
  if (mark.isClean || mark.isSynced) return null;
  if (bootId === null) return 'it was not closed, and the system does not say whether it rebooted';
  return mark.bootId === bootId ? null : 'it was not closed before the machine rebooted';
}

/** The payload of a row of the state itself; null: damaged; undefined: not there. */
function payloadOf(database: Database, key: Buffer): Buffer | null | undefined {
  const envelope = database.getSync(key);
  return envelope === undefined ? undefined : decodeMeta(key, envelope);
}

/** The markers of the last batches must be there, all of them: else the log lost one. */
async function markerGap(database: Database, last: number): Promise<string | null> {
  const { marker } = metaKeys;
  let expected = Math.max(1, last - maxMarkers + 1);
  const missing = () => `batch ${expected} of ${last} is missing`;
  const keys = database.keys({ gte: marker, lt: behindPrefix(marker) });
  try {
    for (;;) {
      const found = await keys.nextv(rowsPerRead);
      if (found.length === 0) break;
      for (const key of found) {
        if (markerSequence(key) !== expected) return missing();
        expected++;
      }
    }
  } finally {
    await keys.close();
  }
  return expected === last + 1 ? null : missing();
}

async function hasNoKey(database: Database): Promise<boolean> {
  const keys = database.keys({ limit: 1 });
  try {
    return (await keys.nextv(1)).length === 0;
  } finally {
    await keys.close();
  }
}
