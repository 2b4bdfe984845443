import { formatText } from '../../core/model/format-text.ts';
import type { Row } from '../../core/model/record.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';

/** What was last emitted of a key whose changes wait. */
export interface Pending<V> {
  readonly emitted: Row<V> | null;
}

const timeBytes = 8;
const nothing = Buffer.alloc(0);

/** Nothing emitted yet: no bytes. Else the row's time in 8 bytes, big-endian, and its value. */
export function pendingSerde<V>(inner: Serde<V>): Serde<Pending<V>> {
  return Object.freeze<Serde<Pending<V>>>({
    format: `pending(${formatText(inner)})`,
    version: 1,
    serialize({ emitted }) {
      if (emitted === null) return nothing;
      const payload = keyBytes(inner, emitted.value);
      const target = Buffer.allocUnsafe(timeBytes + payload.length);
      target.writeBigInt64BE(BigInt(emitted.timestamp));
      target.set(payload, timeBytes);
      return target;
    },
    deserialize(bytes) {
      if (bytes.length === 0) return { emitted: null };
      const view = new DataView(bytes.buffer, bytes.byteOffset, timeBytes);
      const timestamp = Number(view.getBigInt64(0));
      return { emitted: { value: inner.deserialize(bytes.subarray(timeBytes)), timestamp } };
    },
  });
}
