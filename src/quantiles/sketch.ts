import { DDSketch } from '@datadog/sketches-js';
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

/** What a sketch is made of: DDSketch's bins, of positive values and of the negated negative ones. */
export interface SketchParts {
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
  readonly positive: Bins;
  readonly negative: Bins;
}

/**
 * A DDSketch whose bins are plain data. The mapping of values to bins and the search for a rank are
 * the library's; not its `merge`, which leaves negative values out, nor its bytes, which leave out
 * the least and the greatest value and hang on the order in which values came.
 */
export class Sketch implements Quantiles {
  readonly count: number;
  /** Made for the first question. */
  #searched: DDSketch | null = null;

  constructor(
    readonly relativeAccuracy: number,
    readonly parts: SketchParts,
  ) {
    this.count = parts.zeros + countOf(parts.positive) + countOf(parts.negative);
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
    if (share === 0) return this.min;
    if (share === 1) return this.max;
    this.#searched ??= searchable(this.relativeAccuracy, this.parts);
    const value = this.#searched.getValueAtQuantile(share);
    return Math.min(Math.max(value, this.min), this.max);
  }
}

/** The parts with one value more; `null` are no values. */
export function addValue(
  parts: SketchParts | null,
  value: number,
  { mapping }: Pick<DDSketch, 'mapping'>,
): SketchParts {
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

function searchable(relativeAccuracy: number, parts: SketchParts): DDSketch {
  const sketch = new DDSketch({ relativeAccuracy });
  for (const [key, count] of parts.positive) sketch.store.add(key, count);
  for (const [key, count] of parts.negative) sketch.negativeStore.add(key, count);
  sketch.zeroCount = parts.zeros;
  sketch.count = parts.zeros + sketch.store.count + sketch.negativeStore.count;
  return sketch;
}
