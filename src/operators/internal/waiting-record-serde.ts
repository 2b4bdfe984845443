import { formatText } from '../../core/model/format-text.ts';
import type { Headers } from '../../core/model/headers.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import { asBuffer } from '../../core/serde/range-serde.ts';
import type { Serde } from '../../core/serde/serde.ts';

/** A record that waits; its key and timestamp are the row's. */
export interface WaitingRecord<V> {
  readonly value: V;
  readonly headers: ReturnType<Headers['entries']>;
  /** The first of those of its key and time tells how many came after it. */
  readonly others: number;
}

const lengthBytes = 4;

/** `u32 others · u32 headers · (u32 length, name, u32 length, value)* · value`. */
export function waitingRecordSerde<V>(inner: Serde<V>): Serde<WaitingRecord<V>> {
  return Object.freeze<Serde<WaitingRecord<V>>>({
    format: `waiting-record(${formatText(inner)})`,
    version: 1,
    serialize({ value, headers, others }) {
      const named = headers.flatMap(([name, bytes]) => [
        ...withLength(Buffer.from(name, 'utf8')),
        ...withLength(bytes),
      ]);
      return Buffer.concat([
        number(others),
        number(headers.length),
        ...named,
        keyBytes(inner, value),
      ]);
    },
    deserialize(bytes) {
      const buffer = asBuffer(bytes);
      let at = 0;
      const readNumber = () => {
        at += lengthBytes;
        return buffer.readUInt32BE(at - lengthBytes);
      };
      const readBytes = () => {
        const length = readNumber();
        at += length;
        return buffer.subarray(at - length, at);
      };
      const others = readNumber();
      const headers = Array.from({ length: readNumber() }, () => {
        const name = readBytes().toString('utf8');
        return [name, Uint8Array.from(readBytes())] as const;
      });
      return { value: inner.deserialize(buffer.subarray(at)), headers, others };
    },
  });
}

function number(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(lengthBytes);
  bytes.writeUInt32BE(value);
  return bytes;
}

function withLength(bytes: Uint8Array): readonly Uint8Array[] {
  return [number(bytes.length), bytes];
}
