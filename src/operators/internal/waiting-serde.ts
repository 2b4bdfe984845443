import { formatText } from '../../core/model/format-text.ts';
import type { Row } from '../../core/model/record.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';

/** What `suppress` keeps of a key; the row's timestamp is that of the last change folded in. */
export interface Waiting<V> {
  /** When it leaves; null: it has left, and only the time of its row is kept. */
  readonly dueMs: number | null;
  /** Place in the order of arrival; null where nothing bounds the keys. */
  readonly place: number | null;
  /** What was last forwarded. */
  readonly emitted: Row<V> | null;
  readonly newValue: V | null;
}

/** Of a key that does not wait. */
export const settled: Waiting<never> = Object.freeze({
  dueMs: null,
  place: null,
  emitted: null,
  newValue: null,
});

const absent = -1;
const headBytes = 28;
const nothing = Buffer.alloc(0);

/**
 * Settled: no bytes. Else due time, place and time of what was emitted, 8 bytes each, and the
 * length of its value in 4, all big-endian with -1 for what is not there; then both values.
 */
export function waitingSerde<V>(inner: Serde<V>): Serde<Waiting<V>> {
  return Object.freeze<Serde<Waiting<V>>>({
    format: `waiting(${formatText(inner)})`,
    version: 1,
    serialize({ dueMs, place, emitted, newValue }) {
      if (dueMs === null) return nothing;
      const oldPart = emitted === null ? nothing : keyBytes(inner, emitted.value);
      const newPart = newValue === null ? nothing : keyBytes(inner, newValue);
      const target = Buffer.allocUnsafe(headBytes + 1 + oldPart.length + newPart.length);
      target.writeBigInt64BE(BigInt(dueMs), 0);
      target.writeBigInt64BE(BigInt(place ?? absent), 8);
      target.writeBigInt64BE(BigInt(emitted?.timestamp ?? absent), 16);
      target.writeInt32BE(emitted === null ? absent : oldPart.length, 24);
      target[headBytes] = newValue === null ? 0 : 1;
      target.set(oldPart, headBytes + 1);
      target.set(newPart, headBytes + 1 + oldPart.length);
      return target;
    },
    deserialize(bytes) {
      if (bytes.length === 0) return settled;
      const view = new DataView(bytes.buffer, bytes.byteOffset, headBytes);
      const place = Number(view.getBigInt64(8));
      const oldLength = view.getInt32(24);
      const oldEnd = headBytes + 1 + Math.max(oldLength, 0);
      const emitted = () => ({
        value: inner.deserialize(bytes.subarray(headBytes + 1, oldEnd)),
        timestamp: Number(view.getBigInt64(16)),
      });
      return {
        dueMs: Number(view.getBigInt64(0)),
        place: place === absent ? null : place,
        emitted: oldLength === absent ? null : emitted(),
        newValue: bytes[headBytes] === 0 ? null : inner.deserialize(bytes.subarray(oldEnd)),
      };
    },
  });
}
