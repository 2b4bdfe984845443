import type { DDSketch } from '@datadog/sketches-js';
import { ConfigError } from '../core/model/errors.ts';
import { addToBins, type Bins, countOf, mergeBins } from './bins.ts';

/** The distribution of some numbers, as far as quantiles want it. Immutable. */
export interface Quantiles {
  /** How many values there were: at least one. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /**
   * About the value below or at which this share of the values lies: `quantile(0.5)` is the median.
   * With the `count` values sorted, it is the one at place `floor(q * (count - 1))`, but for a
   * relative error of at most the accuracy.
   *
   * @throws {ConfigError} `BAD_OPTION` for a share outside 0 to 1.
   */
  quantile(share: number): number;
}

/** What a sketch is made of: bins of the positive values, and of the negative ones negated. */
export interface SketchParts {
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
  readonly positive: Bins;
  readonly negative: Bins;
}

/** Where values are put: the bins of one relative accuracy. */
export type Mapping = Pick<DDSketch['mapping'], 'key' | 'value' | 'minPossible'>;

/**
 * A DDSketch whose bins are plain data. How values are mapped to bins is the library's; its stores
 * are not used: their `merge` leaves negative values out, their bytes hang on the order in which
 * values came, and their arrays of all bins in between overflow the stack where values lie far
 * apart.
 */
export class Sketch implements Quantiles {
  readonly count: number;
  readonly #mapping: Mapping;

  constructor(
    readonly parts: SketchParts,
    mapping: Mapping,
  ) {
    this.count = parts.zeros + countOf(parts.positive) + countOf(parts.negative);
    this.#mapping = mapping;
  }

  get min(): number {
    return this.parts.min;
  }

  get max(): number {
    return this.parts.max;
  }

  quantile(share: number): number {
    if (!(share >= 0 && share <= 1)) {
      throw new ConfigError('BAD_OPTION', `There is no quantile of ${share}: ask for 0 to 1.`);
    }
    const { min, max } = this.parts;
    if (share === 0) return min;
    if (share === 1) return max;
    return Math.min(Math.max(this.#search(share * (this.count - 1)), min), max);
  }

  #search(rank: number): number {
    const { zeros, positive, negative } = this.parts;
    let passed = 0;
    for (const [key, count] of negative.toReversed()) {
      passed += count;
      if (passed > rank) return -this.#mapping.value(key);
    }
    passed += zeros;
    if (passed > rank) return 0;
    for (const [key, count] of positive) {
      passed += count;
      if (passed > rank) return this.#mapping.value(key);
    }
    return this.max;
  }
}

/** The parts with one value more; `null` are no values. */
export function addValue(parts: SketchParts | null, value: number, mapping: Mapping): SketchParts {
  const { min, max, zeros, positive, negative } = parts ?? nothing;
  const bounds = { min: Math.min(min, value), max: Math.max(max, value) };
  if (value > mapping.minPossible) {
    return { ...bounds, zeros, positive: addToBins(positive, mapping.key(value)), negative };
  }
  if (value < -mapping.minPossible) {
    return { ...bounds, zeros, positive, negative: addToBins(negative, mapping.key(-value)) };
  }
  return { ...bounds, zeros: zeros + 1, positive, negative };
}

export function mergeParts(left: SketchParts, right: SketchParts): SketchParts {
  return {
    min: Math.min(left.min, right.min),
    max: Math.max(left.max, right.max),
    zeros: left.zeros + right.zeros,
    positive: mergeBins(left.positive, right.positive),
    negative: mergeBins(left.negative, right.negative),
  };
}

const nothing: SketchParts = {
  min: Infinity,
  max: -Infinity,
  zeros: 0,
  positive: [],
  negative: [],
};
