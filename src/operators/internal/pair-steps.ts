import type { Pair } from './pair-serde.ts';
import {
  type Aggregator,
  checked,
  counted,
  type Initializer,
  type Reducer,
  type Step,
} from './steps.ts';

/** The parts of `aggregate` on a grouped table. */
export interface TableAggregateCallbacks<K, V, A> {
  /** Called once per new row. */
  readonly initializer: Initializer<A>;
  /** Takes a value in; `null` deletes the row. */
  readonly adder: Aggregator<K, V, A>;
  /** Takes a value out again: undoes the adder, in any order. `null` deletes the row. */
  readonly subtractor: Aggregator<K, V, A>;
}

interface PairFold<K, V, A> {
  /** The row that a value begins. */
  readonly first: (value: V, key: K) => A | null;
  readonly add: (aggregate: A, value: V, key: K) => A | null;
  readonly subtract: (aggregate: A, value: V, key: K) => A | null;
}

/** First the old half leaves, then the new half comes; what is not there cannot be left. */
function pairStep<K, V, A>(fold: PairFold<K, V, A>): Step<K, Pair<unknown, V>, A> {
  return (row, { key, value: { oldValue, newValue } }) => {
    let aggregate = row === undefined ? null : row.value;
    if (aggregate !== null && oldValue !== null) {
      aggregate = fold.subtract(aggregate, oldValue, key);
    }
    if (newValue === null) return aggregate;
    return aggregate === null ? fold.first(newValue, key) : fold.add(aggregate, newValue, key);
  };
}

/** An emptied group stays, with 0. */
export function tableCountStep<K, V>(node: string): Step<K, Pair<unknown, V>, number> {
  return pairStep({
    first: () => 1,
    add: (count) => counted(node, count + 1),
    subtract: (count) => counted(node, count - 1),
  });
}

export function tableReduceStep<K, V>(
  node: string,
  adder: Reducer<V>,
  subtractor: Reducer<V>,
): Step<K, Pair<unknown, V>, V> {
  return pairStep({
    first: (value) => value,
    add: (aggregate, value) => checked(node, 'adder', adder(aggregate, value)),
    subtract: (aggregate, value) => checked(node, 'subtractor', subtractor(aggregate, value)),
  });
}

export function tableAggregateStep<K, V, A>(
  node: string,
  { initializer, adder, subtractor }: TableAggregateCallbacks<K, V, A>,
): Step<K, Pair<unknown, V>, A> {
  const add = (aggregate: A, value: V, key: K) =>
    checked(node, 'adder', adder(aggregate, value, key));
  return pairStep({
    first: (value, key) => add(checked(node, 'initializer', initializer()), value, key),
    add,
    subtract: (aggregate, value, key) =>
      checked(node, 'subtractor', subtractor(aggregate, value, key)),
  });
}
