/** murmur3's finaliser; unsigned 32 bits. */
export function mix(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Random numbers without a state: a field of record `index` depends on nothing but its name. */
export interface Lanes {
  /** Uniform over 32 bits, unsigned. */
  bits(index: number, lane: number): number;
  /** Uniform in `[0, bound)`. */
  below(index: number, lane: number, bound: number): number;
}

export function lanes(seed: number): Lanes {
  const salt = Math.imul(seed, 0x9e3779b1);
  const bits = (index: number, lane: number) =>
    mix(mix(index ^ salt) + Math.imul(lane, 0x9e3779b9));
  return {
    bits,
    below: (index, lane, bound) => Math.floor((bits(index, lane) * bound) / 2 ** 32),
  };
}

/** Eight lower-case digits of a 32-bit number. */
export function hex(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, '0');
}

/** A decimal number, padded with zeros. */
export function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
