/** How many values fell into each bin, by the bin's key, ascending. Never mutated. */
export type Bins = readonly (readonly [key: number, count: number])[];

export function addToBins(bins: Bins, key: number): Bins {
  const at = lowerBound(bins, key);
  const found = bins[at];
  if (found?.[0] === key) return bins.with(at, [key, found[1] + 1]);
  return bins.toSpliced(at, 0, [key, 1]);
}

/** The bins of all the values of both. */
export function mergeBins(left: Bins, right: Bins): Bins {
  const counts = new Map(left);
  for (const [key, count] of right) counts.set(key, (counts.get(key) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

export function countOf(bins: Bins): number {
  return bins.reduce((sum, [, count]) => sum + count, 0);
}

/** Where the first bin of this key or a later one is. */
function lowerBound(bins: Bins, key: number): number {
  let first = 0;
  let end = bins.length;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if ((bins[middle]?.[0] ?? key) < key) first = middle + 1;
    else end = middle;
  }
  return first;
}
