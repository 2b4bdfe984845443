import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteWriter } from '../byte-writer.ts';
import { envelopeChecksum, envelopeDamage } from '../envelope.ts';
import type { Database } from './database.ts';
import { emptyDigest, withRow } from './digest.ts';
import { rowsPerRead } from './level-options.ts';
import { storeNumberOf, storePrefix } from './level-rows.ts';
import { metaKeys, type PositionRow, type StoreDigest } from './meta-rows.ts';
import type { Finding } from './numbering.ts';
import { tableDamage } from './table-file.ts';

/**
 * Reads everything: each block of each table, then each row, whose number and sum of checksums
 * must be those that the position row was written with.
 */
export async function verifyAll(
  database: Database,
  directory: string,
  { row, numbering }: Finding,
): Promise<string | null> {
  const damage = await damagedTable(database, directory);
  if (damage !== null) return damage;
  if (row?.digests === null) return 'it was written without digests, so it cannot be verified';
  const digests = await digestsOf(database, new Set(numbering.dropped));
  return typeof digests === 'string' ? digests : difference(row, digests);
}

/** The tables LevelDB uses now; others are leftovers, or being written. */
async function damagedTable(database: Database, directory: string): Promise<string | null> {
  const listing = database.getProperty('leveldb.sstables');
  for (const [, number = ''] of listing.matchAll(/^ (\d+):\d+\[/gm)) {
    const name = `${number.padStart(6, '0')}.ldb`;
    const file = await readFile(join(directory, name)).catch(() => null);
    // Gone: compacted meanwhile. What a damaged block did to the outcome the digests tell.
    const damage = file === null ? null : tableDamage(file);
    if (damage !== null) return `table ${name} is damaged: ${damage}`;
  }
  return null;
}

async function digestsOf(
  database: Database,
  dropped: ReadonlySet<number>,
): Promise<Map<number, StoreDigest> | string> {
  const digests = new Map<number, StoreDigest>();
  const writer = new ByteWriter();
  const iterator = database.iterator({ gte: metaKeys.end });
  try {
    for (;;) {
      const entries = await iterator.nextv(rowsPerRead);
      if (entries.length === 0) return digests;
      for (const [key, envelope] of entries) {
        const number = storeNumberOf(key);
        if (dropped.has(number)) continue;
        writer.reset();
        writer.bytes(key.subarray(storePrefix(number).length));
        const damage = envelopeDamage(writer, 0, envelope);
        if (damage !== null) return `a row of store number ${number} ${damage}`;
        const before = digests.get(number) ?? emptyDigest;
        digests.set(number, withRow(before, envelopeChecksum(envelope)));
      }
    }
  } finally {
    await iterator.close();
  }
}

function difference(
  row: PositionRow | null,
  found: ReadonlyMap<number, StoreDigest>,
): string | null {
  const expected = row?.digests ?? new Map<number, StoreDigest>();
  for (const number of new Set([...expected.keys(), ...found.keys()])) {
    const before = expected.get(number) ?? emptyDigest;
    const now = found.get(number) ?? emptyDigest;
    if (before.count === now.count && before.sum === now.sum) continue;
    return `store number ${number} has ${now.count} rows with sum ${now.sum}, not ${before.count} with ${before.sum}`;
  }
  return null;
}
