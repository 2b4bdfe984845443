import type { RandomSource } from './runtime.ts';

/** The same seed gives the same numbers, on every machine (Mulberry32). Not for secrets. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    hex(length) {
      let digits = '';
      while (digits.length < length) digits += Math.floor(next() * 16).toString(16);
      return digits;
    },
  };
}
