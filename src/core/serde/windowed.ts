import type { CalendarWindows } from '../model/calendar.ts';
import { SerdeError } from '../model/errors.ts';
import { formatText } from '../model/format-text.ts';
import { noEndMs, type UnlimitedWindows } from '../model/unlimited.ts';
import type { FixedWindows, Windowed } from '../model/windows.ts';
import { checkLength, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';
import { windowedByBounds } from './windowed-by-bounds.ts';

const startBytes = 8;
const two32 = 2 ** 32;

/** What a key on a topic leaves out of its window. */
export type WindowForm = Pick<FixedWindows, 'sizeMs'> | CalendarWindows | UnlimitedWindows;

/**
 * Keys of windows on topics: the key's bytes, then the window start in 8 bytes, big-endian, as
 * Kafka Streams writes them; the end follows from the size, or there is none. Behind the start of a
 * calendar window stands its end, which no size tells. Partitioned by the bytes of the inner key
 * alone.
 *
 * @throws {SerdeError} `SERIALIZATION` for a window of another size or without an order of its
 * bounds; `DESERIALIZATION` for too few bytes or a start that is no time; and what the inner serde
 * throws.
 */
export function windowed<K>(inner: Serde<K>, windows: WindowForm): Serde<Windowed<K>> {
  if ('unit' in windows) return windowedByBounds(inner);
  if ('sizeMs' in windows) return windowedByStart(inner, sizedEnds(windows.sizeMs));
  return windowedByStart(inner, noEnds(windows.fromMs));
}

/** How a start tells the end. */
interface Ends {
  readonly endOf: (startMs: number) => number;
  readonly isStart: (startMs: number) => boolean;
  readonly expected: string;
}

function sizedEnds(sizeMs: number): Ends {
  return {
    endOf: (startMs) => startMs + sizeMs,
    isStart: (startMs) => startMs >= 0 && Number.isSafeInteger(startMs + sizeMs),
    expected: `of size ${sizeMs} ms`,
  };
}

function noEnds(fromMs: number): Ends {
  return {
    endOf: () => noEndMs,
    isStart: (startMs) => startMs === fromMs,
    expected: `from ${fromMs} on`,
  };
}

function windowedByStart<K>(inner: Serde<K>, ends: Ends): Serde<Windowed<K>> {
  return rangeSerde<Windowed<K>>({
    format: `windowed(${formatText(inner)})`,
    version: 1,
    serialize({ key, startMs, endMs }) {
      checkWindow(startMs, endMs, ends);
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
      if (!ends.isStart(startMs)) {
        throw new SerdeError('DESERIALIZATION', `${startMs} is not the start of a window`);
      }
      const key = inner.deserialize(buffer.subarray(start, keyEnd));
      return { key, startMs, endMs: ends.endOf(startMs) };
    },
    partitionBytes: (bytes) => bytes.subarray(0, bytes.length - startBytes),
    ...(inner.trusted === undefined
      ? {}
      : { trusted: () => windowedByStart(inner.trusted?.() ?? inner, ends) }),
  });
}

function checkWindow(startMs: number, endMs: number, { isStart, endOf, expected }: Ends): void {
  if (Number.isSafeInteger(startMs) && isStart(startMs) && endMs === endOf(startMs)) return;
  throw new SerdeError('SERIALIZATION', `the window [${startMs}, ${endMs}) is not one ${expected}`);
}
