import type { Row } from '../core/model/record.ts';
import type { Windowed } from '../core/model/windows.ts';
import type { ScanCursor } from '../core/task/state-port.ts';
import type { CommittedRows } from './committed-rows.ts';
import { windowKeyFloor } from './key-codec.ts';
import { openMergedScan } from './merge-scan.ts';
import type { Overlay } from './overlay.ts';
import { rowKeyOf, tellChanges } from './overlay-commit.ts';
import type { WindowRange, WindowStore } from './store.ts';

/** The face of an overlay whose rows have windows. */
export class OverlayWindowStore<K, V> implements WindowStore<K, V> {
  constructor(
    private readonly overlay: Overlay<K, V>,
    private readonly rows: CommittedRows,
  ) {}

  get(key: K, startMs: number, endMs: number): Row<V> | undefined {
    return this.overlay.get(key, startMs, endMs);
  }

  committed(key: K, startMs: number, endMs: number): Row<V> | undefined {
    return this.overlay.committed(key, startMs, endMs);
  }

  told(key: K, startMs: number, endMs: number): Row<V> | undefined {
    return this.overlay.told(key, startMs, endMs);
  }

  put(key: K, startMs: number, endMs: number, row: Row<V> | null): void {
    this.overlay.put(key, startMs, endMs, row);
  }

  remove(key: K, startMs: number, endMs: number): void {
    this.overlay.remove(key, startMs, endMs);
  }

  isDirty(key: K, startMs: number, endMs: number): boolean {
    return this.overlay.isDirty(key, startMs, endMs);
  }

  changes(
    visit: (windowed: Windowed<K>, oldRow: Row<V> | null, newRow: Row<V> | null) => void,
  ): void {
    tellChanges(this.overlay, (entry, oldRow, newRow) => {
      visit(rowKeyOf(entry), oldRow, newRow);
    });
  }

  openScan({ gteEndMs, ltEndMs }: WindowRange): ScanCursor<readonly [Windowed<K>, Row<V>]> {
    const range = { gte: windowKeyFloor(gteEndMs), lt: windowKeyFloor(ltEndMs) };
    const bounds = { range, gteEndMs, ltEndMs };
    return openMergedScan(this.overlay, this.rows, bounds);
  }
}
