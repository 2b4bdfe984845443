import { formatText } from '../../core/model/format-text.ts';
import type { Windowed } from '../../core/model/windows.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { ByteWriter, readInt64 } from '../../state/byte-writer.ts';
import { unescape, writeEscaped } from '../../state/key-codec.ts';

const timeBytes = 8;

/**
 * Windowed keys whose bytes are in order of (encoded key, start, end), as emission wants them. The
 * form on topics is not: there one key may be the beginning of another and its window's start. The
 * key is escaped as in stores; a time has its sign turned, since windows may start before 1970.
 */
export function orderedWindowKey<K>(inner: Serde<K>): Serde<Windowed<K>> {
  const writer = new ByteWriter();
  return Object.freeze<Serde<Windowed<K>>>({
    format: `ordered-window(${formatText(inner)})`,
    version: 1,
    serialize({ key, startMs, endMs }) {
      writer.reset();
      writeEscaped(writer, inner.serialize(key));
      writer.int64(startMs);
      writer.int64(endMs);
      const bytes = writer.copy(0, writer.length);
      turnSigns(bytes);
      return bytes;
    },
    deserialize(given) {
      const bytes = Buffer.from(given);
      turnSigns(bytes);
      const startAt = bytes.length - 2 * timeBytes;
      return {
        key: inner.deserialize(unescape(bytes.subarray(0, startAt - 1))),
        startMs: readInt64(bytes, startAt),
        endMs: readInt64(bytes, startAt + timeBytes),
      };
    },
  });
}

/** Makes an order of unsigned bytes of one of numbers with signs, and the other way round. */
function turnSigns(bytes: Buffer): void {
  for (const at of [bytes.length - 2 * timeBytes, bytes.length - timeBytes]) {
    bytes[at] = (bytes[at] ?? 0) ^ 0x80;
  }
}
