import { asBuffer } from './range-serde.ts';
import type { Serde } from './serde.ts';

/** The encoded key; text as UTF-8. */
export function keyBytes<K>(serde: Serde<K>, key: K): Uint8Array {
  const serialized = serde.serialize(key);
  return typeof serialized === 'string' ? Buffer.from(serialized, 'utf8') : serialized;
}

/** The key as a string: two keys have one if and only if they have the same bytes. */
export function identityOf<K>(serde: Serde<K>, key: K): string {
  if (serde.identity !== undefined) return serde.identity(key);
  return asBuffer(keyBytes(serde, key)).toString('latin1');
}

/** The inverse of `identityOf`. */
export function keyOfIdentity<K>(serde: Serde<K>, identity: string): K {
  if (serde.ofIdentity !== undefined) return serde.ofIdentity(identity);
  return serde.deserialize(Buffer.from(identity, 'latin1'));
}

/** The serde for bytes that this library wrote itself: state and internal topics. */
export function trusted<T>(serde: Serde<T>): Serde<T> {
  return serde.trusted?.() ?? serde;
}
