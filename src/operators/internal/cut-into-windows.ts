import type { SlidingWindows } from '../../core/model/sliding-windows.ts';
import type { TimeWindows } from '../../core/model/windows.ts';
import type { Handle } from './handle.ts';
import { slidingAggregationNode } from './sliding-aggregation-node.ts';
import {
  windowedAggregationNode,
  type WindowedAggregationSpec,
} from './windowed-aggregation-node.ts';

export interface WindowsSpec<K, V, A> extends Omit<WindowedAggregationSpec<K, V, A>, 'windows'> {
  readonly windows: TimeWindows | SlidingWindows;
}

/** An aggregation whose windows have one size: fixed by the clock, or following the records. */
export function cutIntoWindows<K, V, A>(
  grouped: Handle,
  { windows, ...spec }: WindowsSpec<K, V, A>,
): Handle {
  return windows.kind === 'sliding'
    ? slidingAggregationNode(grouped, { ...spec, windows })
    : windowedAggregationNode(grouped, { ...spec, windows });
}
