import type { BatchEntry } from './batch-entry.ts';

/**
 * Batches whose bytes are in memory as well as on disk, up to a bound; the oldest go first.
 */
export class BatchCache {
  /** In order of use. */
  private readonly held = new Set<BatchEntry>();
  private heldBytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Holds the bytes of an entry that the disk has. */
  hold(entry: BatchEntry, bytes: Buffer): void {
    if (!this.held.delete(entry)) this.heldBytes += entry.byteLength;
    this.held.add(entry);
    entry.bytes = bytes;
    for (const oldest of this.held) {
      if (this.heldBytes <= this.maxBytes) return;
      this.forget(oldest);
    }
  }

  touch(entry: BatchEntry): void {
    if (this.held.delete(entry)) this.held.add(entry);
  }

  forget(entry: BatchEntry): void {
    if (!this.held.delete(entry)) return;
    this.heldBytes -= entry.byteLength;
    entry.bytes = null;
  }
}
