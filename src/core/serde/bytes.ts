import { SerdeError } from '../model/errors.ts';
import { kindOf, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';

/**
 * Bytes as they are. What is read is a view of the batch it came in: it must not be changed, and
 * whoever keeps it beyond the record keeps the whole batch. Stores keep a copy of their own.
 *
 * @throws {SerdeError} `SERIALIZATION` for what is no `Uint8Array`.
 */
export function bytes(): Serde<Uint8Array> {
  return bytesSerde;
}

const bytesSerde = rangeSerde<Uint8Array>({
  format: 'bytes',
  version: 1,
  serialize(value) {
    if (value instanceof Uint8Array) return value;
    throw new SerdeError('SERIALIZATION', `expected a Uint8Array, got ${kindOf(value)}`);
  },
  deserializeRange: (buffer, start, end) => buffer.subarray(start, end),
});
