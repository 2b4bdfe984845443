import type { ErrorPolicy } from '../../core/model/drop-reason.ts';
import type { Duration } from '../../core/model/duration.ts';
import type { KStream } from '../k-stream.ts';
import type { EmitPolicy, WindowedEmitPolicy } from './emit.ts';
import type { Renamable } from './renamable.ts';

/** What every aggregation takes. */
export interface AggregationOptions extends Renamable {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  /** When results leave. Default `onUpdate()`. */
  readonly emit?: EmitPolicy;
  /** How long a row is kept in stream time after the greatest timestamp of its records. */
  readonly timeToLive?: Duration;
  /** What to do when a callback throws. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
}

/** What every windowed aggregation takes. */
export interface WindowedAggregationOptions<
  K,
  V,
  Emit extends WindowedEmitPolicy = WindowedEmitPolicy,
> extends Omit<AggregationOptions, 'emit' | 'timeToLive'> {
  /** When results leave. Default `onUpdate()`. */
  readonly emit?: Emit;
  /** How long rows are kept after their window has closed, for lookups and queries. Default 0. */
  readonly retention?: Duration;
  /** Given the stream of the records that came too late for all their windows. */
  readonly late?: (stream: KStream<K, V>) => void;
}
