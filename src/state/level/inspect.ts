import { StoreError } from '../../core/model/errors.ts';
import type { Database } from './database.ts';
import { classify, messageOf } from './level-error.ts';
import { MAX_MARKERS } from './level-state.ts';
import {
  decodeMeta,
  decodeOpenMark,
  decodePosition,
  metaKeys,
  numberOf,
  type PositionRow,
} from './meta-rows.ts';
import { LEVEL_FORMAT, type LevelOptions } from './open-level.ts';
import { verifyAll } from './verify.ts';

/** What was found: a row (null: nothing was ever committed), or why it must not be used. */
export interface Finding {
  readonly row: PositionRow | null;
  readonly reason: string | null;
}

const distrusted = (reason: string): Finding => ({ row: null, reason });
const BATCH_ENTRIES = 1000;

/**
 * Decides whether a database that was opened is what its last owner committed.
 *
 * @throws {StoreError} `FORMAT_NEWER`; nothing was touched.
 */
export async function inspect(database: Database, options: LevelOptions): Promise<Finding> {
  try {
    return await judge(database, options);
  } catch (error) {
    if (error instanceof StoreError || classify(error) !== 'damaged') throw error;
    return distrusted(messageOf(error));
  }
}

async function judge(database: Database, options: LevelOptions): Promise<Finding> {
  const envelope = database.getSync(metaKeys.format);
  if (envelope === undefined) {
    const isEmpty = await hasNoKey(database);
    return isEmpty ? { row: null, reason: null } : distrusted('the format row is missing');
  }
  const format = decodeMeta(metaKeys.format, envelope);
  if (format === null) return distrusted('the format row is damaged');
  checkFormat(format[0] ?? 0, options.directory);
  const unclean = uncleanReason(database, options);
  if (unclean !== null) return distrusted(unclean);
  const row = readPosition(database);
  if (typeof row === 'string') return distrusted(row);
  const reason =
    (await markerGap(database, row)) ??
    (options.verify === 'open' ? await verifyAll(database, options.directory, row) : null);
  return reason === null ? { row, reason } : distrusted(reason);
}

function checkFormat(format: number, directory: string): void {
  if (format <= LEVEL_FORMAT) return;
  throw new StoreError(
    'FORMAT_NEWER',
    `The state in '${directory}' has format ${format}; this version reads up to ${LEVEL_FORMAT}. ` +
      'Run the newer version; nothing was touched.',
  );
}

/** After a crash of the machine the log may have holes, unless each write was synced. */
function uncleanReason(database: Database, { bootId }: LevelOptions): string | null {
  const envelope = database.getSync(metaKeys.openMark);
  const payload = envelope === undefined ? null : decodeMeta(metaKeys.openMark, envelope);
  if (payload === null) return 'the open mark is missing or damaged';
  const mark = decodeOpenMark(payload);
  if (mark.isClean || mark.isSynced) return null;
  if (bootId === null) return 'it was not closed, and the system does not say whether it rebooted';
  return mark.bootId === bootId ? null : 'it was not closed before the machine rebooted';
}

function readPosition(database: Database): PositionRow | null | string {
  const envelope = database.getSync(metaKeys.position);
  if (envelope === undefined) return null;
  const payload = decodeMeta(metaKeys.position, envelope);
  if (payload === null) return 'the position row is damaged';
  return decodePosition(payload);
}

/** The markers of the last batches must be there, all of them: else the log lost one. */
async function markerGap(database: Database, row: PositionRow | null): Promise<string | null> {
  const { marker } = metaKeys;
  const last = row?.sequence ?? 0;
  let expected = Math.max(1, last - MAX_MARKERS + 1);
  const keys = database.keys({ gte: marker, lt: Buffer.of(0, marker.readUInt8(1) + 1) });
  try {
    for (;;) {
      const found = await keys.nextv(BATCH_ENTRIES);
      if (found.length === 0) break;
      for (const key of found) {
        if (key.length !== marker.length + 8 || numberOf(marker, key) !== expected) {
          return `batch ${expected} of ${last} is missing`;
        }
        expected++;
      }
    }
  } finally {
    await keys.close();
  }
  return expected === last + 1 ? null : `batch ${expected} of ${last} is missing`;
}

async function hasNoKey(database: Database): Promise<boolean> {
  const keys = database.keys({ limit: 1 });
  try {
    return (await keys.nextv(1)).length === 0;
  } finally {
    await keys.close();
  }
}
