import { SerdeError } from '../model/errors.ts';
import { formatText } from '../model/format-text.ts';
import type { Windowed } from '../model/windows.ts';
import { keyBytes } from './key-identity.ts';
import { checkLength, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';

const boundsBytes = 16;

/**
 * Keys of sessions on topics: the key's bytes, then the times of the last and of the first record
 * in 8 bytes each, big-endian, as Kafka Streams writes them. Partitioned by the bytes of the inner
 * key alone.
 *
 * @throws {SerdeError} `SERIALIZATION` for a session that ends before it starts; `DESERIALIZATION`
 * for less than 16 bytes or bounds that are none; and what the inner serde throws.
 */
export function sessionWindowed<K>(inner: Serde<K>): Serde<Windowed<K>> {
  return rangeSerde<Windowed<K>>({
    format: `session-windowed(${formatText(inner)})`,
    version: 1,
    serialize({ key, startMs, endMs }) {
      if (!isSession(startMs, endMs)) {
        throw new SerdeError('SERIALIZATION', `[${startMs}, ${endMs}) is not a session`);
      }
      const keyPart = keyBytes(inner, key);
      const target = Buffer.allocUnsafe(keyPart.length + boundsBytes);
      target.set(keyPart);
      target.writeBigInt64BE(BigInt(endMs - 1), keyPart.length);
      target.writeBigInt64BE(BigInt(startMs), keyPart.length + 8);
      return target;
    },
    deserializeRange(buffer, start, end) {
      const keyEnd = end - boundsBytes;
      if (keyEnd < start) checkLength('session-windowed', boundsBytes, end - start);
      const endMs = Number(buffer.readBigInt64BE(keyEnd)) + 1;
      const startMs = Number(buffer.readBigInt64BE(keyEnd + 8));
      if (!isSession(startMs, endMs)) {
        throw new SerdeError('DESERIALIZATION', `[${startMs}, ${endMs}) is not a session`);
      }
      return { key: inner.deserialize(buffer.subarray(start, keyEnd)), startMs, endMs };
    },
    partitionBytes: (bytes) => bytes.subarray(0, bytes.length - boundsBytes),
    ...(inner.trusted === undefined
      ? {}
      : { trusted: () => sessionWindowed(inner.trusted?.() ?? inner) }),
  });
}

function isSession(startMs: number, endMs: number): boolean {
  return startMs >= 0 && startMs < endMs && Number.isSafeInteger(endMs);
}
