import { bytes } from '../../core/serde/bytes.ts';
import type { Serde } from '../../core/serde/serde.ts';

type Named = Pick<Serde<unknown>, 'format' | 'partitionBytes'> & { readonly version?: number };

/** Bytes that stay encoded: named and partitioned as that says which they are of. */
export function encodedBytes({ format, version = 1, partitionBytes }: Named): Serde<Uint8Array> {
  return Object.freeze({
    ...bytes(),
    format,
    version,
    ...(partitionBytes === undefined ? {} : { partitionBytes }),
  });
}

const lengthBytes = 4;

/** Two keys as one. The length of the first stands before it, so all pairs of it lie together. */
export function keyPair(first: Uint8Array, second: Uint8Array): Buffer {
  const pair = Buffer.allocUnsafe(lengthBytes + first.length + second.length);
  pair.writeUInt32BE(first.length);
  pair.set(first, lengthBytes);
  pair.set(second, lengthBytes + first.length);
  return pair;
}

/** The second of a pair that begins with `first`. */
export function secondKey(pair: Uint8Array, first: Uint8Array): Uint8Array {
  return pair.subarray(lengthBytes + first.length);
}
