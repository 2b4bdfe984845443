import type { SlidingWindows } from '../core/model/sliding-windows.ts';
import type { TimeWindows } from '../core/model/windows.ts';
import {
  cogrouped,
  type CogroupInput,
  cogroupStep,
  type Tagged,
  untagged,
} from './internal/cogrouped.ts';
import type { Handle } from './internal/handle.ts';
import { cutIntoWindows } from './internal/cut-into-windows.ts';
import type { WindowedCogroupOptions } from './internal/windowed-cogroup-options.ts';

export function windowedCogroup<K, V, A>(
  inputs: readonly CogroupInput[],
  windows: TimeWindows | SlidingWindows,
  { initializer, late, ...options }: WindowedCogroupOptions<K, V, A>,
): Handle {
  const from = cogrouped(inputs, options.name);
  return cutIntoWindows<unknown, Tagged, A>(from, {
    ...options,
    kind: 'aggregate',
    windows,
    step: (node) => cogroupStep(node, inputs, initializer),
    ...(late === undefined
      ? {}
      : { late: ({ handle }) => late(from.draft.handles.stream(untagged(handle))) }),
  });
}
