import { toUSVString } from 'node:util';
import { SerdeError } from '../model/errors.ts';
import { kindOf, rangeSerde } from './range-serde.ts';
import type { Serde } from './serde.ts';
import { readUtf8 } from './utf8.ts';

/**
 * Text as UTF-8, neither normalised nor trimmed. UTF-8 cannot carry a lone surrogate: it is
 * written as U+FFFD, and the identity of the key is the text so mended.
 *
 * @throws {SerdeError} `DESERIALIZATION` for bytes that are not UTF-8; `SERIALIZATION` for what is
 * no string.
 */
export function string(): Serde<string> {
  return stringSerde;
}

const stringSerde = rangeSerde<string>({
  format: 'string',
  version: 1,
  serialize: wellFormed,
  deserializeRange: readUtf8,
  identity: wellFormed,
  ofIdentity: (identity) => identity,
});

function wellFormed(value: string): string {
  if (typeof value === 'string') return toUSVString(value);
  throw new SerdeError('SERIALIZATION', `expected a string, got ${kindOf(value)}`);
}
