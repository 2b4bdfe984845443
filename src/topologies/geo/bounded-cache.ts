/**
 * A cache of at most `maxEntries`. Two generations: what is asked for moves into the young one, and
 * once that is half of the bound, the old one goes as a whole. So what is used stays, without a
 * list that every look-up changes.
 */
export class BoundedCache<K, T> {
  private young = new Map<K, T>();
  private old = new Map<K, T>();
  private readonly maxYoung: number;

  /** 0 or 1: nothing is kept. */
  constructor(maxEntries: number) {
    this.maxYoung = Math.floor(maxEntries / 2);
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  get(key: K): T | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const kept = this.old.get(key);
    if (kept === undefined) return undefined;
    this.old.delete(key);
    this.set(key, kept);
    return kept;
  }

  set(key: K, value: T): void {
    if (this.maxYoung === 0) return;
    if (this.young.size >= this.maxYoung) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }
}
