import { formatText } from '../../core/model/format-text.ts';
import type { Row } from '../../core/model/record.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';

/** What was last emitted of a key whose changes wait. */
export interface Pending<V> {
  /** When they leave, in stream time; 0 where the wall clock says. */
  readonly dueMs: number;
  readonly emitted: Row<V> | null;
}

const timeBytes = 8;

/** When they leave; then, if something was emitted, its time and value. Times take 8 bytes. */
export function pendingSerde<V>(inner: Serde<V>): Serde<Pending<V>> {
  return Object.freeze<Serde<Pending<V>>>({
    format: `pending(${formatText(inner)})`,
    version: 2,
    serialize({ dueMs, emitted }) {
      const payload = emitted === null ? null : keyBytes(inner, emitted.value);
      const target = Buffer.allocUnsafe(timeBytes + (payload ? timeBytes + payload.length : 0));
      target.writeBigInt64BE(BigInt(dueMs));
      if (emitted === null || payload === null) return target;
      target.writeBigInt64BE(BigInt(emitted.timestamp), timeBytes);
      target.set(payload, 2 * timeBytes);
      return target;
    },
    deserialize(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const dueMs = Number(view.getBigInt64(0));
      if (bytes.length === timeBytes) return { dueMs, emitted: null };
      const value = inner.deserialize(bytes.subarray(2 * timeBytes));
      return { dueMs, emitted: { value, timestamp: Number(view.getBigInt64(timeBytes)) } };
    },
  });
}
