import fc from 'fast-check';

/** One random decision: an operator, and numbers that choose its operands and settings. */
export interface Choice {
  readonly op: string;
  readonly numbers: readonly number[];
}

const numbersPerChoice = 12;

/** Shrinks by leaving operators out and by lowering numbers. */
export function choices(ops: readonly string[], most: number): fc.Arbitrary<readonly Choice[]> {
  const choice = fc.record({
    op: fc.constantFrom(...ops),
    numbers: fc.array(fc.nat(999), {
      minLength: numbersPerChoice,
      maxLength: numbersPerChoice,
    }),
  });
  return fc.array(choice, { minLength: 1, maxLength: most, size: 'max' });
}

/** Hands the numbers of a choice out, one after the other. */
export class Dice {
  private at = 0;

  constructor(private readonly numbers: readonly number[]) {}

  below(limit: number): number {
    this.at += 1;
    return (this.numbers[this.at - 1] ?? 0) % limit;
  }

  pick<T>(of: readonly T[]): T | null {
    return of.length === 0 ? null : (of[this.below(of.length)] ?? null);
  }

  one<T>(...of: readonly [T, ...T[]]): T {
    return of[this.below(of.length)] ?? of[0];
  }
}
