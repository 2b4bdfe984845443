import type { TimeWindows, Windowed } from '../core/model/windows.ts';
import { aggregate, type AggregateOptions } from './aggregate.ts';
import { count, type CountOptions } from './count.ts';
import type { Handle } from './internal/handle.ts';
import type { Defined } from './internal/serdes.ts';
import type { Reducer } from './internal/steps.ts';
import type { KTable } from './k-table.ts';
import { reduce, type ReduceOptions } from './reduce.ts';
import { TimeWindowedKStream } from './time-windowed-k-stream.ts';

/** A stream whose records lie where their keys say, ready to be aggregated. */
export class KGroupedStream<K, V> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
  ) {}

  count(options: CountOptions): KTable<K, number> {
    return this.handle.draft.handles.table(count(this.handle, options));
  }

  reduce(reducer: Reducer<V>, options: ReduceOptions<V>): KTable<K, V> {
    return this.handle.draft.handles.table(reduce(this.handle, reducer, options));
  }

  aggregate<A extends Defined>(options: AggregateOptions<K, V, A>): KTable<K, NonNullable<A>> {
    return this.handle.draft.handles.table(aggregate(this.handle, options));
  }

  windowedBy(windows: TimeWindows): TimeWindowedKStream<K, V> {
    return new TimeWindowedKStream(this.handle, windows);
  }
}
