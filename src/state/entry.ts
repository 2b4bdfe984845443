import type { Row } from '../core/model/record.ts';
import type { CacheMember } from './row-cache.ts';

/** `put` and `removed`: written since the last commit was drained; `clean`: not. */
export type EntryState = 'clean' | 'put' | 'removed';

/** What an entry takes beside its identity and payload: object, row and place in its Map. */
const entryBytes = 220;
/** Two rows with one key and end are rare, so they form a list instead of a longer identity. */
export type EntryMap<K, V> = Map<string, Entry<K, V>>;

/** The rows of one window end; a store without windows has a single section, of end 0. */
export interface Section<K, V> {
  readonly endMs: number;
  readonly entries: EntryMap<K, V>;
  leave(entry: Entry<K, V>): void;
}

/** One row in memory, decoded. */
export class Entry<K, V> implements CacheMember {
  state: EntryState = 'clean';
  /** While a commit with it is under way, a backend would answer with the row before. */
  isPinned = false;
  isReferenced = true;
  isGone = false;
  /** Whether `changes` has told the present row. */
  isTold = false;
  /** The present row; null: none; undefined: not read yet. */
  row: Row<V> | null | undefined = undefined;
  /** The row before the first write since the last drain; undefined: not read. */
  committed: Row<V> | null | undefined = undefined;
  bytes: number;
  /** The same key and end with another start. */
  next: Entry<K, V> | null = null;

  constructor(
    readonly section: Section<K, V>,
    readonly identity: string,
    readonly key: K,
    readonly startMs: number,
  ) {
    this.bytes = entryBytes + identity.length;
  }

  get isEvictable(): boolean {
    return this.state === 'clean' && !this.isPinned;
  }

  resize(payloadBytes: number): number {
    const before = this.bytes;
    this.bytes = entryBytes + this.identity.length + payloadBytes;
    return this.bytes - before;
  }

  leave(): void {
    this.isGone = true;
    this.section.leave(this);
  }
}

export function addEntry<K, V>(entry: Entry<K, V>): void {
  const { entries } = entry.section;
  entry.next = entries.get(entry.identity) ?? null;
  entries.set(entry.identity, entry);
}

export function removeEntry<K, V>(entry: Entry<K, V>): void {
  const { entries } = entry.section;
  const first = entries.get(entry.identity);
  if (first === entry) {
    if (entry.next === null) entries.delete(entry.identity);
    else entries.set(entry.identity, entry.next);
    return;
  }
  let before = first;
  while (before !== undefined && before.next !== entry) before = before.next ?? undefined;
  if (before !== undefined) before.next = entry.next;
}
