import type { Row } from '../core/model/record.ts';
import { keyBytes } from '../core/serde/key-identity.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { ByteRange, ScanCursor } from '../core/task/state-port.ts';
import type { CommittedRows } from './committed-rows.ts';
import { mapCursor } from './map-cursor.ts';
import { openMergedScan } from './merge-scan.ts';
import type { Overlay } from './overlay.ts';
import { tellChanges } from './overlay-commit.ts';
import type { KeyRange, KeyValueStore } from './store.ts';

/** The face of an overlay without windows. */
export class OverlayKeyValueStore<K, V> implements KeyValueStore<K, V> {
  constructor(
    private readonly overlay: Overlay<K, V>,
    private readonly rows: CommittedRows,
    private readonly keySerde: Serde<K>,
  ) {}

  get(key: K): Row<V> | undefined {
    return this.overlay.get(key, 0, 0);
  }

  committed(key: K): Row<V> | undefined {
    return this.overlay.committed(key, 0, 0);
  }

  told(key: K): Row<V> | undefined {
    return this.overlay.told(key, 0, 0);
  }

  put(key: K, row: Row<V> | null): void {
    this.overlay.put(key, 0, 0, row);
  }

  changes(visit: (key: K, oldRow: Row<V> | null, newRow: Row<V> | null) => void): void {
    tellChanges(this.overlay, ({ key }, oldRow, newRow) => {
      visit(key, oldRow, newRow);
    });
  }

  openScan(range: KeyRange<K>): ScanCursor<readonly [K, Row<V>]> {
    const bounds = { range: this.encode(range), gteEndMs: 0, ltEndMs: Infinity };
    const cursor = openMergedScan(this.overlay, this.rows, bounds);
    return mapCursor(cursor, ([{ key }, row]) => [key, row] as const);
  }

  private encode({ gte, gt, lt, lte }: KeyRange<K>): ByteRange {
    const bound = (key: K) => keyBytes(this.keySerde, key);
    return {
      ...(gte === undefined ? {} : { gte: bound(gte) }),
      ...(gt === undefined ? {} : { gt: bound(gt) }),
      ...(lt === undefined ? {} : { lt: bound(lt) }),
      ...(lte === undefined ? {} : { lte: bound(lte) }),
    };
  }
}
