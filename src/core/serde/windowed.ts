import { SerdeError } from '../model/errors.ts';
import { formatText } from '../model/format-text.ts';
import type { TimeWindows, Windowed } from '../model/windows.ts';
import { checkLength, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';

const startBytes = 8;
const two32 = 2 ** 32;

/**
 * Keys of fixed-size windows on topics: the key's bytes, then the window start in 8 bytes,
 * big-endian, as Kafka Streams writes them; the end follows from the size. Partitioned by the bytes
 * of the inner key alone.
 *
 * @throws {SerdeError} `SERIALIZATION` for a window of another size; `DESERIALIZATION` for less
 * than 8 bytes or a start that is no time; and what the inner serde throws.
 */
export function windowed<K>(
  inner: Serde<K>,
  { sizeMs }: Pick<TimeWindows, 'sizeMs'>,
): Serde<Windowed<K>> {
  return rangeSerde<Windowed<K>>({
    format: `windowed(${formatText(inner)})`,
    version: 1,
    serialize({ key, startMs, endMs }) {
      checkWindow(startMs, endMs, sizeMs);
      const keyPart = inner.serialize(key);
      const isText = typeof keyPart === 'string';
      const keyLength = isText ? Buffer.byteLength(keyPart) : keyPart.length;
      const target = Buffer.allocUnsafe(keyLength + startBytes);
      if (isText) target.write(keyPart, 0, 'utf8');
      else target.set(keyPart);
      const high = Math.floor(startMs / two32);
      target.writeInt32BE(high, keyLength);
      target.writeUInt32BE(startMs - high * two32, keyLength + 4);
      return target;
    },
    deserializeRange(buffer, start, end) {
      const keyEnd = end - startBytes;
      if (keyEnd < start) checkLength('windowed', startBytes, end - start);
      const startMs = buffer.readInt32BE(keyEnd) * two32 + buffer.readUInt32BE(keyEnd + 4);
      if (startMs < 0 || !Number.isSafeInteger(startMs + sizeMs)) {
        throw new SerdeError('DESERIALIZATION', `${startMs} is not the start of a window`);
      }
      const key = inner.deserialize(buffer.subarray(start, keyEnd));
      return { key, startMs, endMs: startMs + sizeMs };
    },
    partitionBytes: (bytes) => bytes.subarray(0, bytes.length - startBytes),
    ...(inner.trusted === undefined
      ? {}
      : { trusted: () => windowed(inner.trusted?.() ?? inner, { sizeMs }) }),
  });
}

function checkWindow(startMs: number, endMs: number, sizeMs: number): void {
  if (Number.isSafeInteger(startMs) && startMs >= 0 && endMs - startMs === sizeMs) return;
  throw new SerdeError(
    'SERIALIZATION',
    `the window [${startMs}, ${endMs}) is not one of size ${sizeMs} ms`,
  );
}
