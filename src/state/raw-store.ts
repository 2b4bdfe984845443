import { bytes } from '../core/serde/bytes.ts';
import type { ByteRange, RawStore, ScanCursor } from '../core/task/state-port.ts';
import type { CommittedRows } from './committed-rows.ts';
import { plainKeyLayout } from './key-codec.ts';
import { mapCursor } from './map-cursor.ts';
import { openMergedScan } from './merge-scan.ts';
import type { Overlay } from './overlay.ts';
import { openOverlay, type OpenStore, type StoreGround } from './store-parts.ts';

type Bytes = Uint8Array;

class OverlayRawStore implements RawStore {
  constructor(
    private readonly overlay: Overlay<Bytes, Bytes>,
    private readonly rows: CommittedRows,
  ) {}

  get(key: Bytes): Bytes | undefined {
    return this.overlay.get(key, 0, 0)?.value;
  }

  put(key: Bytes, value: Bytes | null): void {
    // A copy: a caller may fill the same buffer again before the next commit.
    const row = value === null ? null : { value: Buffer.from(value), timestamp: 0 };
    this.overlay.put(key, 0, 0, row);
  }

  openScan(range: ByteRange): ScanCursor<readonly [Bytes, Bytes]> {
    const bounds = { range, gteEndMs: 0, ltEndMs: Infinity };
    const cursor = openMergedScan(this.overlay, this.rows, bounds);
    return mapCursor(cursor, ([{ key }, { value }]) => [key, value] as const);
  }
}

/** Bytes under bytes: the engine's own rows (timers). They have no event time of their own. */
export function openRawStore(ground: StoreGround): OpenStore<RawStore> {
  const format = { key: bytes(), value: bytes(), layout: plainKeyLayout };
  const { overlay, commit } = openOverlay<Bytes, Bytes>(ground, format);
  return { store: new OverlayRawStore(overlay, ground.rows), commit };
}
