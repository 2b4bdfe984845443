import { isUtf8 } from 'node:buffer';
import { SerdeError } from '../model/errors.ts';

/**
 * The text of `buffer[start, end)`.
 *
 * @throws {SerdeError} `DESERIALIZATION` if it is not UTF-8.
 */
export function readUtf8(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end);
  // Only what was malformed, or really says U+FFFD, decodes to it: all other text skips the check.
  if (text.includes('\uFFFD') && !isUtf8(buffer.subarray(start, end))) {
    throw new SerdeError('DESERIALIZATION', 'the bytes are not UTF-8');
  }
  return text;
}
