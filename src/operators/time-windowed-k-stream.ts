import type { TimeWindows, Windowed } from '../core/model/windows.ts';
import type { Handle } from './internal/handle.ts';
import type { Defined } from './internal/serdes.ts';
import type { Reducer } from './internal/steps.ts';
import type { KTable } from './k-table.ts';
import { windowedAggregate, type WindowedAggregateOptions } from './windowed-aggregate.ts';
import { windowedCount, type WindowedCountOptions } from './windowed-count.ts';
import { windowedReduce, type WindowedReduceOptions } from './windowed-reduce.ts';

/** A grouped stream cut into windows: its aggregations have one row per key and window. */
export class TimeWindowedKStream<K, V> {
  /** @internal */
  constructor(
    /** @internal */
    readonly handle: Handle,
    /** @internal */
    readonly windows: TimeWindows,
  ) {}

  count(options: WindowedCountOptions<K, V>): KTable<Windowed<K>, number> {
    return this.handle.draft.handles.table(windowedCount(this.handle, this.windows, options));
  }

  reduce(reducer: Reducer<V>, options: WindowedReduceOptions<K, V>): KTable<Windowed<K>, V> {
    const spec = { ...options, reducer };
    return this.handle.draft.handles.table(windowedReduce(this.handle, this.windows, spec));
  }

  aggregate<A extends Defined>(
    options: WindowedAggregateOptions<K, V, A>,
  ): KTable<Windowed<K>, NonNullable<A>> {
    return this.handle.draft.handles.table(windowedAggregate(this.handle, this.windows, options));
  }
}
