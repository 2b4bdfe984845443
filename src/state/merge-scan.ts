import { isPromise, type MaybePromise } from '../core/model/maybe-promise.ts';
import type { Row } from '../core/model/record.ts';
import { asBuffer } from '../core/serde/range-serde.ts';
import type { ByteRange, ScanCursor } from '../core/task/state-port.ts';
import type { CommittedRows, StoredEntry } from './committed-rows.ts';
import type { Entry, Section } from './entry.ts';
import type { RowKey } from './key-codec.ts';
import type { Overlay } from './overlay.ts';
import { rowKeyOf } from './overlay-commit.ts';

/** A row as a scan finds it; null: it was deleted. */
interface SnapshotRow<K, V> {
  /** The encoded key as latin1, which sorts as its bytes do, and much faster. */
  readonly encoded: string;
  readonly key: RowKey<K>;
  readonly row: Row<V> | null;
}

export interface ScanBounds {
  readonly range: ByteRange;
  /** The window ends in the range: `gteEndMs <= endMs < ltEndMs`. */
  readonly gteEndMs: number;
  readonly ltEndMs: number;
}

export type FoundRow<K, V> = readonly [key: RowKey<K>, row: Row<V>];

/** Rows of a range as of now: those in memory copied here, the others by the backend's snapshot. */
export function openMergedScan<K, V>(
  overlay: Overlay<K, V>,
  rows: CommittedRows,
  bounds: ScanBounds,
): ScanCursor<FoundRow<K, V>> {
  const isInMemory = bounds.gteEndMs > overlay.onDiskUpToEndMs;
  const entries = isInMemory ? allEntries(overlay, bounds) : writtenEntries(overlay, bounds);
  // Windows of ends of their own: one row needs no place among others.
  const isAlone = isInMemory && isOneEnd(bounds) && entries.length < 2;
  const written = isAlone
    ? entries.map((entry) => ({ encoded: '', key: rowKeyOf(entry), row: overlay.rowOf(entry) }))
    : snapshot(overlay, entries, bounds.range);
  return new MergeCursor(overlay, written, isInMemory ? null : rows.scan(bounds.range));
}

function allEntries<K, V>(overlay: Overlay<K, V>, bounds: ScanBounds): Entry<K, V>[] {
  const found: Entry<K, V>[] = [];
  for (const { entries } of sectionsIn(overlay, bounds)) {
    for (const first of entries.values()) {
      for (let entry: Entry<K, V> | null = first; entry !== null; entry = entry.next) {
        found.push(entry);
      }
    }
  }
  return found;
}

/** Windows close one end at a time: then the other ends are not even looked at. */
function sectionsIn<K, V>({ sections }: Overlay<K, V>, bounds: ScanBounds): Section<K, V>[] {
  const { gteEndMs, ltEndMs } = bounds;
  if (isOneEnd(bounds)) {
    const section = sections.get(gteEndMs);
    return section === undefined ? [] : [section];
  }
  return [...sections.values()].filter(({ endMs }) => endMs >= gteEndMs && endMs < ltEndMs);
}

function isOneEnd({ gteEndMs, ltEndMs }: ScanBounds): boolean {
  return gteEndMs === ltEndMs - 1;
}

/** What the backend does not know yet: rows written last, and those of a commit under way. */
function writtenEntries<K, V>(overlay: Overlay<K, V>, bounds: ScanBounds): Entry<K, V>[] {
  // Pinned are those of a commit under way.
  if (isOneEnd(bounds)) {
    return allEntries(overlay, bounds).filter(
      ({ state, isPinned }) => state !== 'clean' || isPinned,
    );
  }
  const { gteEndMs, ltEndMs } = bounds;
  const isInRange = ({ section }: Entry<K, V>) =>
    section.endMs >= gteEndMs && section.endMs < ltEndMs;
  const dirty = overlay.dirty.filter(isInRange);
  // What was written again since stands among the dirty ones.
  const committing = overlay.committing.filter((own) => own.state === 'clean' && isInRange(own));
  return committing.length === 0 ? dirty : [...dirty, ...committing];
}

function snapshot<K, V>(
  overlay: Overlay<K, V>,
  entries: readonly Entry<K, V>[],
  range: ByteRange,
): SnapshotRow<K, V>[] {
  const found: SnapshotRow<K, V>[] = [];
  const isInside = within(range);
  for (const entry of entries) {
    const row = overlay.rowOf(entry);
    const key = rowKeyOf(entry);
    const encoded = overlay.codec.encodedKey(key);
    if (isInside(encoded)) found.push({ encoded, key, row });
  }
  return found.sort(byEncoded);
}

function byEncoded<K, V>(left: SnapshotRow<K, V>, right: SnapshotRow<K, V>): number {
  return left.encoded < right.encoded ? -1 : 1;
}

/** Whether an encoded key lies between the bounds. */
function within({ gte, gt, lt, lte }: ByteRange): (encoded: string) => boolean {
  const text = (bytes: Uint8Array | undefined) =>
    bytes === undefined ? undefined : asBuffer(bytes).toString('latin1');
  const [from, after, before, to] = [text(gte), text(gt), text(lt), text(lte)];
  return (encoded) =>
    (from === undefined || encoded >= from) &&
    (after === undefined || encoded > after) &&
    (before === undefined || encoded < before) &&
    (to === undefined || encoded <= to);
}

/** Two ordered sources as one; of equal keys the written row wins. */
class MergeCursor<K, V> implements ScanCursor<FoundRow<K, V>> {
  private nextWritten = 0;
  private stored: readonly StoredEntry[] = [];
  private nextStored = 0;
  /** The cursor has given all it has. */
  private isRead = false;

  constructor(
    private readonly overlay: Overlay<K, V>,
    private readonly written: readonly SnapshotRow<K, V>[],
    /** Null: there is nothing more than what is written. */
    private readonly cursor: ScanCursor<StoredEntry> | null,
  ) {}

  next(maxEntries: number): MaybePromise<readonly FoundRow<K, V>[]> {
    return this.fill([], maxEntries);
  }

  close(): MaybePromise<void> {
    this.isRead = true;
    this.stored = [];
    this.nextStored = 0;
    this.nextWritten = this.written.length;
    return this.cursor?.close();
  }

  private fill(
    found: FoundRow<K, V>[],
    maxEntries: number,
  ): MaybePromise<readonly FoundRow<K, V>[]> {
    while (found.length < maxEntries) {
      const stored = this.stored[this.nextStored];
      if (stored === undefined && !this.isRead) {
        const more = this.cursor?.next(maxEntries) ?? [];
        if (isPromise(more)) {
          return more.then((entries) => {
            this.accept(entries);
            return this.fill(found, maxEntries);
          });
        }
        this.accept(more);
        continue;
      }
      if (!this.step(found, stored)) break;
    }
    return found;
  }

  private accept(entries: readonly StoredEntry[]): void {
    this.stored = entries;
    this.nextStored = 0;
    this.isRead = entries.length === 0;
  }

  /** Takes the lesser head; false at the end of both. */
  private step(found: FoundRow<K, V>[], stored: StoredEntry | undefined): boolean {
    const written = this.written[this.nextWritten];
    if (written === undefined && stored === undefined) return false;
    const order = orderOf(written, stored);
    if (order >= 0) this.nextStored++;
    if (order <= 0) this.nextWritten++;
    if (order <= 0 && written !== undefined) {
      if (written.row !== null) found.push([written.key, written.row]);
    } else if (stored !== undefined) {
      found.push(this.overlay.codec.decodeEntry(stored[0], stored[1]));
    }
    return true;
  }
}

/** Negative: the written row comes first. Zero: both are of one key. */
function orderOf<K, V>(
  written: SnapshotRow<K, V> | undefined,
  stored: StoredEntry | undefined,
): number {
  if (written === undefined) return 1;
  if (stored === undefined) return -1;
  const encoded = stored[0].toString('latin1');
  if (written.encoded === encoded) return 0;
  return written.encoded < encoded ? -1 : 1;
}
