import { readInt64 } from '../byte-writer.ts';
import type { Database } from './database.ts';
import { behindPrefix, storePrefix } from './level-rows.ts';
import {
  decodeMeta,
  encodeMeta,
  encodePosition,
  metaKeys,
  numbered,
  numberOf,
  type PositionRow,
} from './meta-rows.ts';

export interface NumberedStore {
  readonly number: number;
  /** Without its prefix; null: the store is empty. */
  readonly lastKey: Buffer | null;
}

interface Numbering {
  readonly stores: ReadonlyMap<string, NumberedStore>;
  readonly row: PositionRow | null;
}

/**
 * Gives each store the number it has, or a new one. Rows of stores that the topology has no longer
 * are removed: their changelogs go on without them, so they could never be trusted again.
 */
export async function numberStores(
  database: Database,
  names: readonly string[],
  row: PositionRow | null,
): Promise<Numbering> {
  const known = await readNumbers(database);
  const orphans = [...known].filter(([name]) => !names.includes(name));
  const kept = row === null ? null : withoutStores(row, orphans);
  const batch = database.batch();
  let last = Math.max(0, ...known.values());
  for (const name of names) {
    if (known.has(name)) continue;
    known.set(name, ++last);
    const key = storeKey(name);
    batch.put(key, encodeMeta(key, int64(last)));
  }
  for (const [name, number] of orphans) {
    const key = numbered(metaKeys.dropped, number);
    batch.del(storeKey(name));
    batch.put(key, encodeMeta(key, Buffer.alloc(0)));
  }
  if (kept !== null && orphans.length > 0) {
    batch.put(metaKeys.position, encodeMeta(metaKeys.position, encodePosition(kept)));
  }
  await batch.write();
  await removeDropped(database);
  const stores = new Map<string, NumberedStore>();
  for (const name of names) {
    const number = known.get(name) ?? 0;
    stores.set(name, { number, lastKey: await lastKey(database, number) });
  }
  return { stores, row: kept };
}

/** Also after a crash in between: the mark stands until the rows are gone. */
async function removeDropped(database: Database): Promise<void> {
  const { dropped } = metaKeys;
  const keys = await database.keys({ gte: dropped, lt: Buffer.of(0, dropped.readUInt8(1) + 1) }).all();
  for (const key of keys) {
    const prefix = storePrefix(numberOf(dropped, key));
    await database.clear({ gte: prefix, lt: behindPrefix(prefix) });
    await database.del(key);
  }
}

async function readNumbers(database: Database): Promise<Map<string, number>> {
  const { store } = metaKeys;
  const range = { gte: store, lt: Buffer.of(0, store.readUInt8(1) + 1) };
  const numbers = new Map<string, number>();
  for (const [key, envelope] of await database.iterator(range).all()) {
    const payload = decodeMeta(key, envelope);
    // `inspect` and its digest look at rows; a damaged name means its rows belong to nobody.
    if (payload !== null) numbers.set(key.toString('utf8', store.length), readInt64(payload, 0));
  }
  return numbers;
}

function withoutStores(row: PositionRow, orphans: readonly (readonly [string, number])[]) {
  const changelogs = new Map(row.position.changelogs);
  const digests = row.digests === null ? null : new Map(row.digests);
  for (const [name, number] of orphans) {
    changelogs.delete(name);
    digests?.delete(number);
  }
  return { ...row, position: { ...row.position, changelogs }, digests };
}

async function lastKey(database: Database, number: number): Promise<Buffer | null> {
  const prefix = storePrefix(number);
  const range = { gte: prefix, lt: behindPrefix(prefix), reverse: true, limit: 1 };
  const [key] = await database.keys(range).all();
  return key === undefined ? null : key.subarray(prefix.length);
}

function storeKey(name: string): Buffer {
  return Buffer.concat([metaKeys.store, Buffer.from(name)]);
}

function int64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
