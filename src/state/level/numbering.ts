import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { envelopeChecksum } from '../envelope.ts';
import type { Database, DatabaseBatch } from './database.ts';
import type { NumberedStore } from './level-options.ts';
import { behindPrefix, storePrefix } from './level-rows.ts';
import { encodeMeta, encodePosition, metaKeys, type PositionRow } from './meta-rows.ts';

/** Which number the rows of a store begin with. */
export interface Numbering {
  readonly numbers: ReadonlyMap<string, number>;
  /** Numbers whose rows are being removed. */
  readonly dropped: readonly number[];
}

/** What an intact database holds. */
export interface Finding {
  /** Null: nothing was ever committed. */
  readonly row: PositionRow | null;
  readonly numbering: Numbering;
}

export const nothing: Finding = { row: null, numbering: { numbers: new Map(), dropped: [] } };

/**
 * Gives each store the number it has, or a new one. Stores that the topology has no longer are
 * dropped: their changelogs go on without their rows, which could never be trusted again.
 */
export function renumber({ numbers, dropped }: Numbering, names: readonly string[]): Numbering {
  const next = new Map<string, number>();
  let last = Math.max(0, ...numbers.values(), ...dropped);
  for (const name of names) next.set(name, numbers.get(name) ?? ++last);
  const orphans = [...numbers].filter(([name]) => !next.has(name)).map(([, number]) => number);
  return { numbers: next, dropped: [...dropped, ...orphans] };
}

/** The position without the stores that are dropped. */
function withoutDropped(
  row: PositionRow,
  { numbers, dropped }: Numbering,
  numbering: number,
): PositionRow {
  const changelogs = [...row.position.changelogs].filter(([name]) => numbers.has(name));
  const digests =
    row.digests === null
      ? null
      : new Map([...row.digests].filter(([number]) => !dropped.includes(number)));
  const position = { ...row.position, changelogs: new Map(changelogs) };
  return { ...row, position, digests, numbering };
}

/** Puts a numbering into a batch, and the position row as it stands under it. */
export function addNumbering(
  batch: DatabaseBatch,
  numbering: Numbering,
  row: PositionRow | null,
): PositionRow | null {
  const envelope = encodeMeta(metaKeys.numbering, encodeNumbering(numbering));
  batch.put(metaKeys.numbering, envelope);
  if (row === null) return null;
  const kept = withoutDropped(row, numbering, envelopeChecksum(envelope));
  batch.put(metaKeys.position, encodeMeta(metaKeys.position, encodePosition(kept)));
  return kept;
}

/**
 * Removes the rows of dropped stores. After a crash in between the next open does it: the numbers
 * stay dropped until their rows are gone.
 */
export async function removeDropped(
  database: Database,
  { numbers, dropped }: Numbering,
  row: PositionRow | null,
): Promise<PositionRow | null> {
  if (dropped.length === 0) return row;
  for (const number of dropped) {
    const prefix = storePrefix(number);
    await database.clear({ gte: prefix, lt: behindPrefix(prefix) });
  }
  const batch = database.batch();
  const kept = addNumbering(batch, { numbers, dropped: [] }, row);
  await batch.write({ sync: true });
  return kept;
}

export function numberingChecksum({ numbers }: Numbering): number {
  const numbering = { numbers, dropped: [] };
  return envelopeChecksum(encodeMeta(metaKeys.numbering, encodeNumbering(numbering)));
}

export async function numberedStores(
  database: Database,
  { numbers }: Numbering,
): Promise<ReadonlyMap<string, NumberedStore>> {
  const stores = new Map<string, NumberedStore>();
  for (const [name, number] of numbers) {
    const prefix = storePrefix(number);
    const range = { gte: prefix, lt: behindPrefix(prefix), reverse: true, limit: 1 };
    const [key] = await database.keys(range).all();
    const lastKey = key === undefined ? null : key.subarray(prefix.length);
    stores.set(name, { number, lastKey });
  }
  return stores;
}

function encodeNumbering({ numbers, dropped }: Numbering): Buffer {
  const writer = new ByteWriter();
  writer.int64(numbers.size);
  for (const [name, number] of numbers) {
    const bytes = Buffer.from(name);
    writer.int64(bytes.length);
    writer.bytes(bytes);
    writer.int64(number);
  }
  writer.int64(dropped.length);
  for (const number of dropped) writer.int64(number);
  return writer.copy(0, writer.length);
}

export function decodeNumbering(payload: Buffer): Numbering {
  const reader = new ByteReader(payload);
  const numbers = new Map<string, number>();
  for (let left = reader.int64(); left > 0; left--) {
    const name = reader.bytes(reader.int64()).toString();
    numbers.set(name, reader.int64());
  }
  const dropped: number[] = [];
  for (let left = reader.int64(); left > 0; left--) dropped.push(reader.int64());
  return { numbers, dropped };
}
