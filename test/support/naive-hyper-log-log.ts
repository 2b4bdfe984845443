/** HyperLogLog as its definition says it: bigints, a plain list of registers, no sparse form. */

const mask = 2n ** 64n - 1n;
const c1 = 0x87c37b91114253d5n;
const c2 = 0x4cf5ad432745937fn;

/** The first 64 bits of MurmurHash3_x64_128 with seed 0. */
export function naiveMurmur3(bytes: Uint8Array): bigint {
  let h1 = 0n;
  let h2 = 0n;
  const whole = bytes.length - (bytes.length % 16);
  for (let at = 0; at < whole; at += 16) {
    h1 ^= firstMix(word(bytes, at));
    h1 = (((rotated(h1, 27n) + h2) & mask) * 5n + 0x52dce729n) & mask;
    h2 ^= secondMix(word(bytes, at + 8));
    h2 = (((rotated(h2, 31n) + h1) & mask) * 5n + 0x38495ab5n) & mask;
  }
  h1 ^= firstMix(word(bytes, whole)) ^ BigInt(bytes.length);
  h2 ^= secondMix(word(bytes, whole + 8)) ^ BigInt(bytes.length);
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  return (finalMix(h1) + finalMix(h2)) & mask;
}

export function naiveEstimate(hashes: Iterable<bigint>, precision: number): number {
  const count = 2 ** precision;
  const registers = Array.from({ length: count }, () => 0);
  for (const hash of hashes) {
    const bits = hash.toString(2).padStart(64, '0');
    const index = parseInt(bits.slice(0, precision), 2);
    const one = bits.indexOf('1', precision);
    const rank = (one < 0 ? 64 : one) - precision + 1;
    registers[index] = Math.max(registers[index] ?? 0, rank);
  }
  const share = (rank: number) => registers.filter((own) => own === rank).length / count;
  const [none, full] = [share(0), 1 - share(64 - precision + 1)];
  if (none === 1) return 0;
  const within = registers.filter((rank) => rank > 0 && rank <= 64 - precision);
  const mean = within.reduce((sum, rank) => sum + 2 ** -rank, 0) / count;
  const sigma = none + series((k) => none ** (2 ** k) * 2 ** (k - 1));
  const tau = (1 - full - series((k) => (1 - full ** (2 ** -k)) ** 2 * 2 ** -k)) / 3;
  const alpha = 1 / (2 * Math.log(2)) / (1 + 1.079 / count);
  return Math.round((alpha * count) / (mean + sigma + tau * 2 ** (precision - 64)));
}

/** Ertl's sigma and tau are sums without end, of which this many terms are enough. */
function series(term: (k: number) => number): number {
  return Array.from({ length: 64 }, (_, index) => term(index + 1)).reduce((a, b) => a + b);
}

function firstMix(k: bigint): bigint {
  return (rotated((k * c1) & mask, 31n) * c2) & mask;
}

function secondMix(k: bigint): bigint {
  return (rotated((k * c2) & mask, 33n) * c1) & mask;
}

function finalMix(hash: bigint): bigint {
  let k = hash ^ (hash >> 33n);
  k = (k * 0xff51afd7ed558ccdn) & mask;
  k ^= k >> 33n;
  k = (k * 0xc4ceb9fe1a85ec53n) & mask;
  return k ^ (k >> 33n);
}

function rotated(k: bigint, bits: bigint): bigint {
  return ((k << bits) | (k >> (64n - bits))) & mask;
}

/** Eight bytes, little-endian; zeros beyond the end. */
function word(bytes: Uint8Array, at: number): bigint {
  const eight = [0, 1, 2, 3, 4, 5, 6, 7].map((offset) => BigInt(bytes[at + offset] ?? 0));
  return eight.reduceRight((value, byte) => (value << 8n) | byte, 0n);
}
