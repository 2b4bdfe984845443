import { SerdeError } from '../model/errors.ts';
import { formatText } from '../model/format-text.ts';
import { readFrames, writeFrames } from './frames.ts';
import { keyBytes, trusted } from './key-identity.ts';
import type { Serde } from './serde.ts';

/** One event of a match. */
export interface MatchedEvent<V> {
  readonly value: V;
  /** Event time, integer milliseconds since the epoch. */
  readonly timestamp: number;
}

/** Events by the names of their steps. */
export type NamedEvents<V> = Readonly<Record<string, MatchedEvent<V>>>;

const timeBytes = 8;
const nothing = Buffer.alloc(0);

/**
 * What `pattern` finds: for each step its event, as its time in 8 bytes, big-endian, and its value,
 * behind their length; no bytes for an event that has not come. The names stand in the format.
 *
 * @throws {SerdeError} `DESERIALIZATION` for bytes that are no match of so many steps; and what the
 * inner serde throws.
 */
export function patternMatch<V>(names: readonly string[], value: Serde<V>): Serde<NamedEvents<V>> {
  return Object.freeze<Serde<NamedEvents<V>>>({
    format: `match(${namesText(names)};${formatText(value)})`,
    version: 1,
    serialize: (events) =>
      writeFrames(
        names.map((name) => {
          const event = Object.hasOwn(events, name) ? events[name] : undefined;
          return event === undefined ? nothing : eventBytes(value, event);
        }),
      ),
    deserialize(bytes) {
      const parts = readFrames(bytes);
      if (parts.length !== names.length) {
        throw new SerdeError('DESERIALIZATION', `the bytes are no match of ${names.length} steps`);
      }
      const events = names.flatMap((name, index) => {
        const part = parts[index] ?? nothing;
        return part.length === 0 ? [] : [[name, readEvent(value, part)] as const];
      });
      return Object.fromEntries(events);
    },
    ...(value.trusted === undefined ? {} : { trusted: () => patternMatch(names, trusted(value)) }),
  });
}

/** Names as a format shows them: any text, and no comma within. */
export function namesText(names: readonly string[]): string {
  return names.map(encodeURIComponent).join();
}

/** The event's time in 8 bytes, big-endian, and its value. */
export function eventBytes<V>(serde: Serde<V>, { value, timestamp }: MatchedEvent<V>): Buffer {
  const payload = keyBytes(serde, value);
  const target = Buffer.allocUnsafe(timeBytes + payload.length);
  target.writeBigInt64BE(BigInt(timestamp));
  target.set(payload, timeBytes);
  return target;
}

/** @throws {SerdeError} `DESERIALIZATION`. */
export function readEvent<V>(serde: Serde<V>, bytes: Buffer): MatchedEvent<V> {
  if (bytes.length < timeBytes) {
    throw new SerdeError('DESERIALIZATION', 'the bytes are no event of a match');
  }
  const timestamp = Number(bytes.readBigInt64BE(0));
  return { value: serde.deserialize(bytes.subarray(timeBytes)), timestamp };
}
