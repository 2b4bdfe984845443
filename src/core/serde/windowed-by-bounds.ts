import { SerdeError } from '../model/errors.ts';
import { formatText } from '../model/format-text.ts';
import type { Windowed } from '../model/windows.ts';
import { keyBytes } from './key-identity.ts';
import { checkLength, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';

const boundsBytes = 16;

/** The key's bytes, then start and end of its window, each in 8 bytes, big-endian. */
export function windowedByBounds<K>(inner: Serde<K>): Serde<Windowed<K>> {
  return rangeSerde<Windowed<K>>({
    format: `windowed-by-bounds(${formatText(inner)})`,
    version: 1,
    serialize({ key, startMs, endMs }) {
      if (!isWindow(startMs, endMs)) {
        throw new SerdeError('SERIALIZATION', `[${startMs}, ${endMs}) is no window`);
      }
      const keyPart = keyBytes(inner, key);
      const target = Buffer.allocUnsafe(keyPart.length + boundsBytes);
      target.set(keyPart);
      target.writeBigInt64BE(BigInt(startMs), keyPart.length);
      target.writeBigInt64BE(BigInt(endMs), keyPart.length + 8);
      return target;
    },
    deserializeRange(buffer, start, end) {
      const keyEnd = end - boundsBytes;
      if (keyEnd < start) checkLength('windowed-by-bounds', boundsBytes, end - start);
      const startMs = Number(buffer.readBigInt64BE(keyEnd));
      const endMs = Number(buffer.readBigInt64BE(keyEnd + 8));
      if (!isWindow(startMs, endMs)) {
        throw new SerdeError('DESERIALIZATION', `[${startMs}, ${endMs}) is no window`);
      }
      return { key: inner.deserialize(buffer.subarray(start, keyEnd)), startMs, endMs };
    },
    partitionBytes: (bytes) => bytes.subarray(0, bytes.length - boundsBytes),
    ...(inner.trusted === undefined
      ? {}
      : { trusted: () => windowedByBounds(inner.trusted?.() ?? inner) }),
  });
}

function isWindow(startMs: number, endMs: number): boolean {
  return Number.isSafeInteger(startMs) && Number.isSafeInteger(endMs) && startMs < endMs;
}
