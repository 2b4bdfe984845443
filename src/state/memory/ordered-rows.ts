import type { ByteRange, ScanCursor } from '../../core/task/state-port.ts';
import type { CommittedRows, StoredEntry } from '../committed-rows.ts';

/** The rows of a store in memory. Keys are latin1 text, which sorts as its bytes do. */
export class OrderedRows implements CommittedRows {
  readonly prefix = new Uint8Array(0);
  readonly lastKey = null;
  private readonly rows = new Map<string, Buffer>();
  /** All keys in order, and some that are gone; keys put since stand in `added`. */
  private sorted: string[] = [];
  private added: string[] = [];

  constructor(readonly store: string) {}

  get(key: Buffer): Buffer | undefined {
    return this.rows.get(key.toString('latin1'));
  }

  put(key: string, envelope: Buffer): void {
    if (!this.rows.has(key)) this.added.push(key);
    this.rows.set(key, envelope);
  }

  remove(key: string): void {
    this.rows.delete(key);
  }

  clear(): void {
    this.rows.clear();
    this.sorted = [];
    this.added = [];
  }

  scan(range: ByteRange): ScanCursor<StoredEntry> {
    const found = this.entriesOf(range);
    let next = 0;
    return {
      next(maxEntries) {
        const entries = found.slice(next, next + maxEntries);
        next += entries.length;
        return entries;
      },
      close() {
        next = found.length;
      },
    };
  }

  private entriesOf({ gte, gt, lt, lte }: ByteRange): StoredEntry[] {
    this.sort();
    const from = Math.max(this.bound(gte, false), this.bound(gt, true));
    const found: StoredEntry[] = [];
    const to = Math.min(
      lt === undefined ? this.sorted.length : this.bound(lt, false),
      lte === undefined ? this.sorted.length : this.bound(lte, true),
    );
    for (let index = from; index < to; index++) {
      const key = this.sorted[index] ?? '';
      const envelope = this.rows.get(key);
      if (envelope !== undefined) found.push([Buffer.from(key, 'latin1'), envelope]);
    }
    return found;
  }

  /** Index of the first key `>= bytes`, or `> bytes` with `isAfter`; 0 without a bound. */
  private bound(bytes: Uint8Array | undefined, isAfter: boolean): number {
    if (bytes === undefined) return 0;
    const wanted = Buffer.from(bytes).toString('latin1');
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = this.sorted[middle] ?? '';
      if (key < wanted || (isAfter && key === wanted)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Merges what was put since the last scan, and drops what is gone. */
  private sort(): void {
    const hasMany = this.sorted.length + this.added.length > 2 * this.rows.size + 16;
    if (this.added.length === 0 && !hasMany) return;
    const { sorted } = this;
    const added = [...new Set(this.added)].sort();
    const merged: string[] = [];
    let next = 0;
    const take = (key: string) => {
      if (this.rows.has(key) && merged.at(-1) !== key) merged.push(key);
    };
    for (const key of sorted) {
      for (; next < added.length && (added[next] ?? '') < key; next++) take(added[next] ?? '');
      take(key);
    }
    for (; next < added.length; next++) take(added[next] ?? '');
    this.sorted = merged;
    this.added = [];
  }
}
