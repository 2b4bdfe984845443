import { type Headers, headersOf } from '../../core/model/headers.ts';
import type { StreamRecord } from '../../core/model/record.ts';
import { readFrames, writeFrames } from '../../core/serde/frames.ts';
import { eventBytes, readEvent } from '../../core/serde/pattern-match.ts';
import type { Serde } from '../../core/serde/serde.ts';

type Event<V> = Omit<StreamRecord<unknown, V>, 'key'>;

const nothing = Buffer.alloc(0);

/** A record without its key, as a timer carries it: the event, then its headers, name and value. */
export function waitingBytes<V>(value: Serde<V>, event: Event<V>): Buffer {
  const headers = event.headers.entries();
  const parts = headers.flatMap(([name, bytes]) => [Buffer.from(name, 'utf8'), bytes]);
  return writeFrames([eventBytes(value, event), ...parts]);
}

/** The inverse. */
export function readWaiting<V>(value: Serde<V>, bytes: Uint8Array): Event<V> {
  const [event = nothing, ...headers] = readFrames(bytes);
  return { ...readEvent(value, event), headers: readHeaders(headers) };
}

function readHeaders(parts: readonly Buffer[]): Headers {
  const entries: [string, Uint8Array][] = [];
  for (let at = 0; at < parts.length; at += 2) {
    entries.push([(parts[at] ?? nothing).toString('utf8'), parts[at + 1] ?? nothing]);
  }
  return headersOf(entries);
}
