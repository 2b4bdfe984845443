import { formatText } from '../../core/model/format-text.ts';
import type { Windowed } from '../../core/model/windows.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';

const boundsBytes = 16;
/** Makes an order of unsigned bytes of one of numbers with signs: windows may start before 1970. */
const signBit = 1n << 63n;

/**
 * Windowed keys whose bytes are in order of (encoded key, start, end), as emission wants them. The
 * form on topics is not: there one key may be the beginning of another and its window's start.
 * Zeros of the key are escaped as `00 ff`, its end is `00 00`, as in FoundationDB's tuples.
 */
export function orderedWindowKey<K>(inner: Serde<K>): Serde<Windowed<K>> {
  return Object.freeze<Serde<Windowed<K>>>({
    format: `ordered-window(${formatText(inner)})`,
    version: 1,
    serialize({ key, startMs, endMs }) {
      const plain = keyBytes(inner, key);
      const zeros = plain.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
      const target = Buffer.alloc(plain.length + zeros + 2 + boundsBytes);
      let at = 0;
      for (const byte of plain) {
        target[at++] = byte;
        if (byte === 0) target[at++] = 0xff;
      }
      target.writeBigUInt64BE(BigInt(startMs) + signBit, at + 2);
      target.writeBigUInt64BE(BigInt(endMs) + signBit, at + 10);
      return target;
    },
    deserialize(bytes) {
      const keyEnd = bytes.length - boundsBytes - 2;
      const plain: number[] = [];
      for (let at = 0; at < keyEnd; at++) {
        const byte = bytes[at] ?? 0; // below the length
        plain.push(byte);
        if (byte === 0) at++;
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset + keyEnd + 2, boundsBytes);
      const startMs = Number(view.getBigUint64(0) - signBit);
      const endMs = Number(view.getBigUint64(8) - signBit);
      return { key: inner.deserialize(Buffer.from(plain)), startMs, endMs };
    },
  });
}
