import type { Serde } from '../../../core/serde/serde.ts';

/** The parts of `aggregate` but for the name, to be spread into its options. */
export interface ReadyAggregator<V, A> {
  /** Gives null: a row begins with its first value. */
  readonly initializer: () => A;
  readonly aggregator: (aggregate: A, value: V) => A;
  /** Combines the aggregates of two sessions, the earlier one first. */
  readonly merger: (earlier: A, later: A) => A;
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
}

/** What the aggregator takes of a value. */
export type Selector<V, Out> = (value: V) => Out;

/** A ready aggregator whose first value is an aggregate like any other. */
export function combining<V, A>(
  select: Selector<V, A>,
  combine: (earlier: A, later: A) => A,
  value: Serde<A>,
): ReadyAggregator<V, A> {
  return Object.freeze<ReadyAggregator<V, A>>({
    initializer: () => null as A, // given to the aggregator below and to nobody else
    aggregator(aggregate, record) {
      const selected = select(record);
      const before = aggregate as A | null; // from the initializer
      return before === null ? selected : combine(before, selected);
    },
    merger: combine,
    value,
  });
}
