import { SerdeError } from '../model/errors.ts';
import { asBuffer } from './range-serde.ts';

const lengthBytes = 4;

/** Byte strings one after another, each behind its length in 4 bytes, big-endian. */
export function writeFrames(parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += lengthBytes + part.length;
  const target = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    at = target.writeUInt32BE(part.length, at);
    target.set(part, at);
    at += part.length;
  }
  return target;
}

/**
 * The inverse: views of the bytes given.
 *
 * @throws {SerdeError} `DESERIALIZATION` where a length does not fit.
 */
export function readFrames(bytes: Uint8Array): readonly Buffer[] {
  const source = asBuffer(bytes);
  const parts: Buffer[] = [];
  for (let at = 0; at < source.length;) {
    const start = at + lengthBytes;
    const end = start > source.length ? Infinity : start + source.readUInt32BE(at);
    if (end > source.length) {
      throw new SerdeError('DESERIALIZATION', 'the bytes end within one of their parts');
    }
    parts.push(source.subarray(start, end));
    at = end;
  }
  return parts;
}
