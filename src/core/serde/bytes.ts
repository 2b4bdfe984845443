import { SerdeError } from '../model/errors.ts';
import { kindOf, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';

/**
 * Bytes as they are. What is read is a copy, so that a value that is kept does not keep the whole
 * batch it came in.
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
  deserializeRange(buffer, start, end) {
    const copy = Buffer.allocUnsafe(end - start);
    buffer.copy(copy, 0, start, end);
    return copy;
  },
});
