import { SerdeError } from '../model/errors.ts';
import type { Serde } from './serde.ts';

type RangeSerde<T> = Omit<Serde<T>, 'deserialize'> & Required<Pick<Serde<T>, 'deserializeRange'>>;

/** A frozen serde that is told by how it reads `buffer[start, end)`. */
export function rangeSerde<T>(serde: RangeSerde<T>): Serde<T> {
  return Object.freeze({
    ...serde,
    deserialize(bytes: Uint8Array): T {
      return serde.deserializeRange(asBuffer(bytes), 0, bytes.length);
    },
  });
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @throws {SerdeError} `DESERIALIZATION` unless the range has `expected` bytes. */
export function checkLength(format: string, expected: number, actual: number): void {
  if (actual === expected) return;
  throw new SerdeError('DESERIALIZATION', `expected ${expected} bytes (${format}), got ${actual}`);
}

/** What a value is, without telling its content: payloads stay out of messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  const type = typeof value;
  return type === 'undefined' ? type : `${type === 'object' ? 'an' : 'a'} ${type}`;
}
