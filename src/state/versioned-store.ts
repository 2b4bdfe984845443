import { andThen, type MaybePromise } from '../core/model/maybe-promise.ts';
import type { Row } from '../core/model/record.ts';
import type { Windowed } from '../core/model/windows.ts';
import type { Scannable, ScanCursor, StreamClock } from '../core/task/state-port.ts';
import type { Version, VersionedStore, VersionPut, WindowRange, WindowStore } from './store.ts';
import type { LatestCell, VersionCell, VersionList } from './version-cells.ts';

/** Versions in one list: few enough to be written anew with each of them. */
const maxListVersions = 32;
/** Lists go at the ends of this many parts of the history, so that few timers serve all keys. */
const historyParts = 8;

type Cells<K, V> = WindowStore<K, VersionCell<V>>;

/** The latest version of a key, at its time. */
interface Latest<V> extends LatestCell<V> {
  readonly timestamp: number;
}

/**
 * A row for the latest version, which all but few reads ask for, and rows of at most
 * `maxListVersions` older ones each, found by the list in that row. So a key that changes often
 * costs no more than others, and everything is found by a `get`. Below, a list is a window: from
 * its first version to the part of the history in which its last one ended.
 */
export class VersionedRows<K, V> implements VersionedStore<K, V> {
  private listed: (endMs: number) => void = () => undefined;

  constructor(
    private readonly cells: Cells<K, V>,
    private readonly historyMs: number,
    private readonly clock: StreamClock,
  ) {}

  /** The same rows by the time of a node. */
  withTime(clock: StreamClock): VersionedRows<K, V> {
    return new VersionedRows(this.cells, this.historyMs, clock);
  }

  get(key: K): Row<V> | undefined {
    const latest = this.latest(key);
    return latest === undefined ? undefined : rowOf(latest);
  }

  asOf(key: K, timestampMs: number): Row<V> | undefined {
    const latest = this.latest(key);
    if (latest === undefined) return undefined;
    if (latest.timestamp <= timestampMs) return rowOf(latest);
    if (timestampMs < this.clock.streamTimeMs - this.historyMs) return undefined;
    const list = latest.lists.findLast(({ startMs }) => startMs <= timestampMs);
    if (list === undefined) return undefined;
    const version = this.versionsOf(key, list).findLast(
      ({ timestamp }) => timestamp <= timestampMs,
    );
    return version === undefined ? undefined : rowOf(version);
  }

  put(key: K, version: Version<V>): VersionPut {
    const { value, timestamp } = version;
    const latest = this.latest(key);
    if (latest === undefined) {
      this.putLatest(key, { value, timestamp, lists: [] });
      return 'latest';
    }
    const historyStartMs = this.clock.streamTimeMs - this.historyMs;
    if (timestamp < latest.timestamp) {
      if (timestamp < historyStartMs) return 'expired';
      const lists = this.insert(key, latest, version);
      this.putLatest(key, { ...latest, lists });
      return 'older';
    }
    const kept = { ...latest, lists: this.pruned(key, latest.lists) };
    // What ended before the history began is not asked for any more.
    const isReplaced = timestamp === latest.timestamp || timestamp <= historyStartMs;
    const lists = isReplaced ? kept.lists : this.insert(key, { ...kept, timestamp }, latest);
    this.putLatest(key, { value, timestamp, lists });
    return 'latest';
  }

  /** The lists whose versions have all ended up to a time, to be given to `prune`. */
  readonly older: Scannable<WindowRange, readonly [Windowed<K>, unknown]> = {
    openScan: (range) => this.cells.openScan(range),
  };

  /** Stream time from which on a list is not needed. */
  prunedAt(endMs: number): number {
    return endMs + this.historyMs;
  }

  /** Calls back with the end of each list that is written. */
  watchLists(listed: (endMs: number) => void): void {
    this.listed = listed;
  }

  prune({ key, startMs, endMs }: Windowed<K>): void {
    this.cells.remove(key, startMs, endMs);
    const latest = this.latest(key);
    if (latest === undefined) return;
    const isOther = (list: VersionList) => list.startMs !== startMs || list.endMs !== endMs;
    this.putLatest(key, { ...latest, lists: latest.lists.filter(isOther) });
  }

  openScan(): ScanCursor<readonly [K, Row<V>]> {
    return latestRows(this.cells.openScan({ gteEndMs: 0, ltEndMs: 1 }));
  }

  private latest(key: K): Latest<V> | undefined {
    const row = this.cells.get(key, 0, 0);
    if (row === undefined) return undefined;
    const { value, lists } = row.value as LatestCell<V>; // what lies under these bounds
    return { value, lists, timestamp: row.timestamp };
  }

  private putLatest(key: K, { value, lists, timestamp }: Latest<V>): void {
    this.cells.put(key, 0, 0, { value: { value, lists }, timestamp });
  }

  private versionsOf(key: K, { startMs, endMs }: VersionList): readonly Version<V>[] {
    const cell = this.cells.get(key, startMs, endMs)?.value;
    return cell !== undefined && 'versions' in cell ? cell.versions : [];
  }

  /** Puts a version among those before the latest one; answers the lists as they are then. */
  private insert(
    key: K,
    { lists, timestamp: latestMs }: Pick<Latest<V>, 'lists' | 'timestamp'>,
    { value, timestamp }: Version<V>,
  ): readonly VersionList[] {
    const version = { value, timestamp };
    const found = lists.findLastIndex(({ startMs }) => startMs <= timestamp);
    const index = Math.max(found, 0);
    const list = lists[index];
    const nextMs = lists[index + 1]?.startMs ?? latestMs;
    const versions = list === undefined ? [] : this.versionsOf(key, list);
    const isFull = versions.length >= maxListVersions;
    const lastMs = versions.at(-1)?.timestamp ?? -1;
    // Versions mostly come in order: then full lists stay as they are.
    if (list === undefined || (isFull && timestamp > lastMs)) {
      const added = this.putList(key, [version], nextMs);
      return [...lists.slice(0, index + 1), added, ...lists.slice(index + 1)];
    }
    const before = versions.filter((own) => own.timestamp < timestamp);
    const after = versions.filter((own) => own.timestamp > timestamp);
    const all = [...before, version, ...after];
    const half = isFull ? Math.ceil(all.length / 2) : all.length;
    const second = all.slice(half);
    const parts = [
      this.putList(key, all.slice(0, half), second[0]?.timestamp ?? nextMs, list),
      ...(second.length === 0 ? [] : [this.putList(key, second, nextMs)]),
    ];
    return [...lists.slice(0, index), ...parts, ...lists.slice(index + 1)];
  }

  /** `nextMs`: when the last of the versions ended. */
  private putList(
    key: K,
    versions: readonly Version<V>[],
    nextMs: number,
    old?: VersionList,
  ): VersionList {
    const partMs = Math.max(1, Math.ceil(this.historyMs / historyParts));
    const startMs = versions[0]?.timestamp ?? 0;
    const endMs = Math.ceil(nextMs / partMs) * partMs;
    if (old !== undefined && (old.startMs !== startMs || old.endMs !== endMs)) {
      this.cells.remove(key, old.startMs, old.endMs);
    }
    this.cells.put(key, startMs, endMs, { value: { versions }, timestamp: startMs });
    this.listed(endMs);
    return { startMs, endMs };
  }

  private pruned(key: K, lists: readonly VersionList[]): readonly VersionList[] {
    const { streamTimeMs } = this.clock;
    const isDue = ({ endMs }: VersionList) => this.prunedAt(endMs) <= streamTimeMs;
    if (!lists.some(isDue)) return lists;
    for (const list of lists.filter(isDue)) this.cells.remove(key, list.startMs, list.endMs);
    return lists.filter((list) => !isDue(list));
  }
}

function rowOf<V>({ value, timestamp }: Version<V>): Row<V> | undefined {
  return value === null ? undefined : { value, timestamp };
}

/** Without the keys whose latest version says that there is no row. */
function latestRows<K, V>(
  cursor: ScanCursor<readonly [Windowed<K>, Row<VersionCell<V>>]>,
): ScanCursor<readonly [K, Row<V>]> {
  const next = (maxEntries: number): MaybePromise<readonly (readonly [K, Row<V>])[]> =>
    andThen(cursor.next(maxEntries), (cells) => {
      const rows = cells.flatMap(([{ key }, { value: cell, timestamp }]) => {
        const { value } = cell as LatestCell<V>; // what lies in this range
        return value === null ? [] : [[key, { value, timestamp }] as const];
      });
      // None would say that the end is reached.
      return rows.length > 0 || cells.length === 0 ? rows : next(maxEntries);
    });
  return { next, close: () => cursor.close() };
}
