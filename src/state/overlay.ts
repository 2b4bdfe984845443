import { invariant } from '../core/model/invariant.ts';
import type { Row } from '../core/model/record.ts';
import { addEntry, Entry, type EntryState, removeEntry, type Section } from './entry.ts';
import { checkRow } from './check-row.ts';
import type { KeyFilter } from './key-filter.ts';
import { ownBytes } from './own-bytes.ts';
import type { RowCodec } from './row-codec.ts';
import type { TaskMemory, UndoStep } from './task-memory.ts';

/** Payload assumed until rows of the store have been serialised. */
const firstPayloadBytes = 64;

/**
 * The rows of one store in memory: uncommitted writes and a cache of committed rows, decoded, by
 * window end and key identity. Everything is found with one hash look-up, whether it belongs to the
 * commit under way or was written after it: an entry holds the present row, the lists hold what a
 * failure puts back.
 */
export class Overlay<K, V> {
  /** In order of first write since the last commit was drained. */
  dirty: Entry<K, V>[] = [];
  /** What the commit under way holds: until it is on disk it is read here, and may be rewritten. */
  committing: Entry<K, V>[] = [];
  /** The rows before that commit, in the same order, as long as the log has not said yes. */
  before: (Row<V> | null | undefined)[] = [];
  /** About what a row of this store takes when serialised. */
  payloadBytes = firstPayloadBytes;
  readonly sections = new Map<number, Section<K, V>>();
  private section: Section<K, V> | null = null;
  /** The entry last used and the key it was asked for by: `put` follows `get`. */
  private last: Entry<K, V> | null = null;
  private lastKey: K | undefined = undefined;
  /** What was looked for in vain: mostly it is added next. */
  private missed = '';
  /** Rows that left memory since `unknownUpToEndMs` was set; null: none did. */
  private evicted: KeyFilter | null = null;
  /** Up to that window end any row may be on disk; of later ones, those in `evicted`. */
  private unknownUpToEndMs: number;

  constructor(
    readonly name: string,
    readonly codec: RowCodec<K, V>,
    readonly memory: TaskMemory,
    /** Rows of a later window end are in memory, all of them. */
    public onDiskUpToEndMs: number,
  ) {
    this.unknownUpToEndMs = onDiskUpToEndMs;
  }

  get(key: K, startMs: number, endMs: number): Row<V> | undefined {
    const entry = this.find(key, startMs, endMs) ?? this.readAhead(key, startMs, endMs);
    if (entry === null) return undefined;
    entry.isReferenced = true;
    return this.rowOf(entry) ?? undefined;
  }

  committed(key: K, startMs: number, endMs: number): Row<V> | undefined {
    const entry = this.find(key, startMs, endMs) ?? this.readAhead(key, startMs, endMs);
    return entry === null ? undefined : (this.committedRowOf(entry) ?? undefined);
  }

  told(key: K, startMs: number, endMs: number): Row<V> | undefined {
    const isTold = this.find(key, startMs, endMs)?.isTold === true;
    return isTold ? this.get(key, startMs, endMs) : this.committed(key, startMs, endMs);
  }

  put(key: K, startMs: number, endMs: number, row: Row<V> | null): void {
    checkRow(row, this.name);
    this.write(this.findOrAdd(key, startMs, endMs), ownRow(row), 'put');
  }

  remove(key: K, startMs: number, endMs: number): void {
    this.write(this.findOrAdd(key, startMs, endMs), null, 'removed');
  }

  isDirty(key: K, startMs: number, endMs: number): boolean {
    return this.find(key, startMs, endMs)?.state === 'put';
  }

  /** The present row, read from the backend if need be. */
  rowOf(entry: Entry<K, V>): Row<V> | null {
    if (entry.row === undefined) entry.row = this.read(entry);
    return entry.row;
  }

  /** The row as last drained, read from the backend if need be. */
  committedRowOf(entry: Entry<K, V>): Row<V> | null {
    if (entry.state === 'clean') return this.rowOf(entry);
    if (entry.committed === undefined) entry.committed = this.read(entry);
    return entry.committed;
  }

  /** Puts an entry back to what it was: a rollback, in reverse order of the writes. */
  putBack(entry: Entry<K, V>, row: Row<V> | null | undefined, state: EntryState): void {
    entry.row = row;
    entry.state = state;
    if (state !== 'clean') return;
    invariant(this.dirty.pop() === entry, 'Writes are undone in reverse order.');
    this.memory.dirtyBytes -= entry.bytes;
  }

  /** Takes an entry out of memory; what is on disk is found there. */
  discard(entry: Entry<K, V>): void {
    this.memory.cache.drop(entry);
    this.unlink(entry);
  }

  /** Drops all that is in memory. Nothing is uncommitted. */
  reset(onDiskUpToEndMs: number): void {
    invariant(this.dirty.length === 0, 'Uncommitted writes are not overwritten by a restore.');
    for (const { entries } of this.sections.values()) {
      for (const first of entries.values()) {
        for (let entry: Entry<K, V> | null = first; entry !== null; entry = entry.next) {
          this.memory.cache.drop(entry);
        }
      }
    }
    this.sections.clear();
    this.section = null;
    this.last = null;
    this.trustDisk(onDiskUpToEndMs);
  }

  /** From now on any row up to there may be on disk. */
  trustDisk(upToEndMs: number): void {
    this.onDiskUpToEndMs = upToEndMs;
    this.unknownUpToEndMs = upToEndMs;
    this.evicted?.clear();
  }

  private write(entry: Entry<K, V>, row: Row<V> | null, state: 'put' | 'removed'): void {
    const { memory } = this;
    memory.undoSteps?.push(new EntryWrite(this, entry, entry.row, entry.state));
    if (entry.state === 'clean') {
      entry.committed = entry.row;
      this.dirty.push(entry);
      memory.cache.grow(entry.resize(payloadBytesOf(row) ?? this.payloadBytes));
      memory.dirtyBytes += entry.bytes;
    }
    entry.state = state;
    entry.row = row;
    entry.isReferenced = true;
  }

  private find(key: K, startMs: number, endMs: number): Entry<K, V> | null {
    const { last } = this;
    // Only text: bytes and objects may be another key by now, though the reference is the same.
    if (
      last !== null &&
      key === this.lastKey &&
      typeof key === 'string' &&
      last.startMs === startMs &&
      last.section.endMs === endMs
    ) {
      return last;
    }
    const identity = this.codec.identity(key);
    let entry = this.sectionOf(endMs)?.entries.get(identity) ?? null;
    while (entry !== null && entry.startMs !== startMs) entry = entry.next;
    if (entry === null) this.missed = identity;
    else this.remember(key, entry);
    return entry;
  }

  private findOrAdd(key: K, startMs: number, endMs: number): Entry<K, V> {
    return (
      this.find(key, startMs, endMs) ??
      this.add(key, startMs, endMs, this.isOnDisk(this.missed, endMs) ? undefined : null)
    );
  }

  /** An entry to keep what the backend answers; null where it is known to have nothing. */
  private readAhead(key: K, startMs: number, endMs: number): Entry<K, V> | null {
    return this.isOnDisk(this.missed, endMs) ? this.add(key, startMs, endMs, undefined) : null;
  }

  /** Whether a row that is not in memory may be on disk: to look there costs many times as much. */
  private isOnDisk(identity: string, endMs: number): boolean {
    if (endMs <= this.unknownUpToEndMs) return true;
    if (endMs > this.onDiskUpToEndMs) return false;
    return this.evicted?.mayHave(identity, endMs) === true;
  }

  private add(key: K, startMs: number, endMs: number, row: Row<V> | null | undefined): Entry<K, V> {
    this.memory.checkOpen(this.name);
    const { missed: identity } = this;
    const section = this.sectionOf(endMs) ?? this.addSection(endMs);
    const entry = new Entry(section, identity, this.codec.keyOf(key, identity), startMs);
    entry.row = row;
    entry.resize(this.payloadBytes);
    addEntry(entry);
    this.remember(key, entry);
    // Pinned, or a full cache might drop the very entry it is given.
    entry.isPinned = true;
    this.memory.cache.add(entry);
    entry.isPinned = false;
    return entry;
  }

  private read(entry: Entry<K, V>): Row<V> | null {
    this.memory.checkOpen(this.name);
    const { key, startMs } = entry;
    return this.codec.read({ key, startMs, endMs: entry.section.endMs });
  }

  private remember(key: K, entry: Entry<K, V>): void {
    this.last = entry;
    this.lastKey = key;
  }

  private sectionOf(endMs: number): Section<K, V> | null {
    if (this.section?.endMs === endMs) return this.section;
    const section = this.sections.get(endMs) ?? null;
    if (section !== null) this.section = section;
    return section;
  }

  private addSection(endMs: number): Section<K, V> {
    const section: Section<K, V> = {
      endMs,
      entries: new Map(),
      leave: (entry) => {
        if (entry.row !== null) this.noteEvicted(entry.identity, endMs);
        this.unlink(entry);
      },
    };
    this.sections.set(endMs, section);
    this.section = section;
    return section;
  }

  private noteEvicted(identity: string, endMs: number): void {
    this.onDiskUpToEndMs = Math.max(this.onDiskUpToEndMs, endMs);
    if (endMs <= this.unknownUpToEndMs) return;
    this.evicted ??= this.memory.keyFilter();
    this.evicted.add(identity, endMs);
    if (this.evicted.isFull) this.trustDisk(this.onDiskUpToEndMs);
  }

  private unlink(entry: Entry<K, V>): void {
    removeEntry(entry);
    if (this.last === entry) this.last = null;
    const { section } = entry;
    if (section.entries.size > 0) return;
    this.sections.delete(section.endMs);
    if (this.section === section) this.section = null;
  }
}

function ownRow<V>(row: Row<V> | null): Row<V> | null {
  if (row === null) return row;
  const value = ownBytes(row.value);
  return value === row.value ? row : { value, timestamp: row.timestamp };
}

/** Known for text and bytes only; other values are taken for average ones until serialised. */
function payloadBytesOf(row: Row<unknown> | null): number | null {
  if (row === null) return 0;
  const { value } = row;
  if (typeof value === 'string') return value.length;
  return value instanceof Uint8Array ? value.length : null;
}

/** One write, as an undo list keeps it. */
class EntryWrite<K, V> implements UndoStep {
  constructor(
    private readonly overlay: Overlay<K, V>,
    private readonly entry: Entry<K, V>,
    private readonly row: Row<V> | null | undefined,
    private readonly state: EntryState,
  ) {}

  undo(): void {
    this.overlay.putBack(this.entry, this.row, this.state);
  }
}
