import type { StreamRecord } from '../../core/model/record.ts';
import type { TimeWindows } from '../../core/model/windows.ts';
import type { Handle } from './handle.ts';
import { operatorNode } from './node.ts';
import { windowPlaces } from './window-places.ts';
import { closedUpTo } from './window-time.ts';

interface LateRecords<K, V> {
  /** Of the aggregation. */
  readonly name: string;
  readonly windows: TimeWindows;
  readonly isNull?: ((record: StreamRecord<K, V>) => boolean) | undefined;
}

/**
 * The records that a windowed aggregation drops as late, unchanged. Lateness is a matter of time
 * alone, so a node beside the aggregation decides it by the same rule, and needs none of its state.
 */
export function lateStream<K, V>(
  from: Handle,
  { name, windows, isNull }: LateRecords<K, V>,
): Handle {
  const node = operatorNode<K, V, K, V>({
    kind: 'late',
    name: `${name}-late`,
    parents: [from.node],
    createProcessor(context) {
      const { lastStart, endOf } = windowPlaces(windows);
      const closedEnd = closedUpTo(context, windows);
      return {
        process(record) {
          if (record.key === null || record.value === null) return;
          if (endOf(lastStart(record.timestamp)) > closedEnd() || isNull?.(record)) return;
          context.forward(record);
        },
        onCommit: () => context.advanceClosed(context.streamTimeMs - windows.graceMs),
      };
    },
  });
  return { ...from, node: from.draft.add(node) };
}
