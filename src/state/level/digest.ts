import type { CommittedRows } from '../committed-rows.ts';
import { envelopeChecksum } from '../envelope.ts';
import { storeNumberOf } from './level-rows.ts';
import type { StoreDigest } from './meta-rows.ts';

const two32 = 2 ** 32;
export const emptyDigest: StoreDigest = { count: 0, sum: 0 };

/** One row more. The sum of checksums does not depend on the order of rows. */
export function withRow({ count, sum }: StoreDigest, checksum: number): StoreDigest {
  return { count: count + 1, sum: (sum + checksum) % two32 };
}

export function withoutRow({ count, sum }: StoreDigest, checksum: number): StoreDigest {
  return { count: count - 1, sum: (sum - checksum + two32) % two32 };
}

/**
 * What a batch does to the digests of the stores. A row that is overwritten must leave the sum, so
 * each write costs a point read: digests are kept for `verify: 'open'` alone.
 */
export class DigestChanges {
  private readonly digests: Map<number, StoreDigest>;
  /** Checksums as the batch leaves them, null where it removes: it may hold a key twice. */
  readonly written = new Map<string, number | null>();

  constructor(
    before: ReadonlyMap<number, StoreDigest>,
    /** What batches handed over before, but not yet written, hold; the latest last. */
    private readonly underWay: readonly ReadonlyMap<string, number | null>[],
  ) {
    this.digests = new Map(before);
  }

  put(rows: CommittedRows, key: Buffer, envelope: Buffer): void {
    this.replace(rows, key, envelopeChecksum(envelope));
  }

  remove(rows: CommittedRows, key: Buffer): void {
    this.replace(rows, key, null);
  }

  result(): ReadonlyMap<number, StoreDigest> {
    return this.digests;
  }

  private replace(rows: CommittedRows, key: Buffer, checksum: number | null): void {
    const store = storeNumberOf(rows.prefix);
    const identity = key.toString('latin1');
    let digest = this.digests.get(store) ?? emptyDigest;
    let before = this.unwritten(identity);
    if (before === undefined) before = this.stored(rows, key);
    if (before !== null) digest = withoutRow(digest, before);
    if (checksum !== null) digest = withRow(digest, checksum);
    this.digests.set(store, digest);
    this.written.set(identity, checksum);
  }

  private unwritten(identity: string): number | null | undefined {
    const batches = [...this.underWay, this.written];
    return batches.findLast((batch) => batch.has(identity))?.get(identity);
  }

  private stored(rows: CommittedRows, key: Buffer): number | null {
    const envelope = rows.get(key);
    return envelope === undefined ? null : envelopeChecksum(envelope);
  }
}
