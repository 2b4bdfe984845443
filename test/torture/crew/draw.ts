import type { RandomSource } from '../../../src/core/runtime/runtime.ts';

export type Bounds = readonly [least: number, most: number];

export function between([least, most]: Bounds, random: RandomSource): number {
  return least + random.next() * (most - least);
}

export function pick<T>(of: readonly T[], random: RandomSource): T {
  const picked = of[Math.floor(random.next() * of.length)];
  if (picked === undefined) throw new Error('There is nothing to pick from.');
  return picked;
}

export function shuffled<T>(values: readonly T[], random: RandomSource): T[] {
  return values
    .map((value) => ({ value, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
