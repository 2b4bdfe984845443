import type { Serde } from '../../core/serde/serde.ts';
import type { KStream } from '../k-stream.ts';
import type { WindowedAggregationOptions } from './aggregation-options.ts';
import type { ValueSerdeUnknown } from './serdes.ts';
import type { Initializer } from './steps.ts';

/** What a cogroup takes in windows of any kind. */
export interface WindowedCogroupOptions<K, V, A> extends Omit<
  WindowedAggregationOptions<K, V>,
  'late'
> {
  /** Called once per new row. */
  readonly initializer: Initializer<A>;
  /** The serde of the aggregate. */
  readonly value: Serde<A>;
  /** Given the stream of the records of all inputs that came too late for all their windows. */
  readonly late?: (stream: KStream<K, V, ValueSerdeUnknown>) => void;
}
