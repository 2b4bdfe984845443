const c1 = 0x239b961b;
const c2 = 0xab0e9789;
const c3 = 0x38b34ae5;
const c4 = 0xa1e38b93;
const blockBytes = 16;

/** MurmurHash3 with 128 bits (the variant for 32-bit words, seed 0), as 16 bytes. */
export function valueHash(bytes: Buffer): Buffer {
  const { length } = bytes;
  const tail = length - (length % blockBytes);
  let [h1, h2, h3, h4] = [0, 0, 0, 0];
  for (let at = 0; at < tail; at += blockBytes) {
    h1 ^= mixed(bytes.readInt32LE(at), c1, 15, c2);
    h1 = (Math.imul(rotated(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= mixed(bytes.readInt32LE(at + 4), c2, 16, c3);
    h2 = (Math.imul(rotated(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= mixed(bytes.readInt32LE(at + 8), c3, 17, c4);
    h3 = (Math.imul(rotated(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= mixed(bytes.readInt32LE(at + 12), c4, 18, c1);
    h4 = (Math.imul(rotated(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  // The length takes part, so zeros at the end tell values apart.
  h1 ^= mixed(tailWord(bytes, tail), c1, 15, c2) ^ length;
  h2 ^= mixed(tailWord(bytes, tail + 4), c2, 16, c3) ^ length;
  h3 ^= mixed(tailWord(bytes, tail + 8), c3, 17, c4) ^ length;
  h4 ^= mixed(tailWord(bytes, tail + 12), c4, 18, c1) ^ length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  const [f2, f3, f4] = [avalanche(h2 + h1), avalanche(h3 + h1), avalanche(h4 + h1)];
  const sum = avalanche(h1) + f2 + f3 + f4;
  const hash = Buffer.allocUnsafe(blockBytes);
  hash.writeInt32BE(sum | 0, 0);
  hash.writeInt32BE((f2 + sum) | 0, 4);
  hash.writeInt32BE((f3 + sum) | 0, 8);
  hash.writeInt32BE((f4 + sum) | 0, 12);
  return hash;
}

function mixed(word: number, first: number, rotation: number, second: number): number {
  return Math.imul(rotated(Math.imul(word, first), rotation), second);
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function avalanche(word: number): number {
  let hash = word ^ (word >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Up to four bytes, little-endian; none behind the end. */
function tailWord(bytes: Buffer, at: number): number {
  let word = 0;
  const end = Math.min(at + 4, bytes.length);
  for (let index = at; index < end; index++) {
    word |= (bytes[index] ?? 0) << ((index - at) * 8);
  }
  return word;
}
