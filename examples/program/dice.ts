/** Uniform in [0, 1): the finalizer of MurmurHash3 over the three numbers. */
export function uniform(seed: number, index: number, purpose: number): number {
  let hash = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index | 0, 0x85ebca6b);
  // Above 2^32 rows the index has more bits than one multiplication takes.
  hash ^= Math.imul(Math.floor(index / 0x1_0000_0000) + purpose, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** Ranks from 1 to `count`, drawn by a share of all weight: rank r weighs 1 / r (Zipf). */
export function zipf(count: number): (at: number) => number {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 1; rank <= count; rank += 1) {
    sum += 1 / rank;
    cumulative[rank - 1] = sum;
  }
  // The first rank whose cumulative weight exceeds the share.
  return (at) => {
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) > at * sum) high = middle;
      else low = middle + 1;
    }
    return low + 1;
  };
}
