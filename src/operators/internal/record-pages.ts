import { invariant } from '../../core/model/invariant.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import { windowStore } from '../../state/store-definitions.ts';
import type { WindowStore } from '../../state/store.ts';
import { type RecordPage, recordPageSerde, type StoredRecord } from './stored-record.ts';
import type { RowsOptions } from './stores.ts';

/**
 * Lists of records by key and time (the rows' window end), in pages (their start): a key with many
 * records writes its last page with each new one and not the whole list.
 */
export type RecordPages<K, V> = WindowStore<K, RecordPage<V>>;

export interface RecordPagesOptions<K, V> extends RowsOptions<K, V> {
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Part of the layout: a list that exists is read with the size it was written with. */
const pageRecords = 64;

export function recordPages<K, V>({
  value,
  ...options
}: RecordPagesOptions<K, V>): StoreDefinition<RecordPages<K, V>> {
  return windowStore({ ...options, value: recordPageSerde(value) });
}

/** How many pages the list has; 0: there is none. */
export function countPages<K, V>(store: RecordPages<K, V>, key: K, endMs: number): number {
  return store.get(key, 0, endMs)?.value.pages ?? 0;
}

export interface PagePlace<K> {
  readonly key: K;
  readonly page: number;
  readonly endMs: number;
}

/** A page below the number of pages. */
export function pageAt<K, V>(
  store: RecordPages<K, V>,
  { key, page, endMs }: PagePlace<K>,
): RecordPage<V> {
  const row = store.get(key, page, endMs);
  invariant(row !== undefined, 'A list of records has as many pages as its first one says.');
  return row.value;
}

/** Adds a record at the end of its list and answers its position there. */
export function appendRecord<K, V>(
  store: RecordPages<K, V>,
  { key, endMs }: { readonly key: K; readonly endMs: number },
  record: StoredRecord<V>,
): number {
  const { timestamp } = record;
  const put = (page: number, value: RecordPage<V>) =>
    store.put(key, page, endMs, { value, timestamp });
  const first = store.get(key, 0, endMs)?.value;
  if (first === undefined) {
    put(0, { pages: 1, records: [record] });
    return 0;
  }
  const page = first.pages - 1;
  const last = page === 0 ? first : pageAt(store, { key, page, endMs });
  const position = page * pageRecords + last.records.length;
  if (last.records.length < pageRecords) {
    put(page, { ...last, records: [...last.records, record] });
  } else {
    put(0, { ...first, pages: first.pages + 1 });
    put(page + 1, { pages: 0, records: [record] });
  }
  return position;
}

/** The record at a position that `appendRecord` answered; undefined once the list is gone. */
export function recordAt<K, V>(
  store: RecordPages<K, V>,
  { key, endMs }: { readonly key: K; readonly endMs: number },
  position: number,
): StoredRecord<V> | undefined {
  const page = Math.floor(position / pageRecords);
  return store.get(key, page, endMs)?.value.records[position % pageRecords];
}
