import type { StreamRecord } from '../../core/model/record.ts';
import type { AnyStoreDefinition } from '../../core/task/state-port.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';
import type { Handle } from './handle.ts';
import { operatorNode } from './node.ts';
import { closedUpTo } from './window-time.ts';

/** Whether a record is late where windows that end up to `closedMs` are closed. */
export type IsLate<K, V> = (record: StreamRecord<K, V>, closedMs: number) => boolean;

export interface StateLateStreamSpec<K, V> {
  readonly aggregation: string;
  /** How long after its end a window closes. */
  readonly closeDelayMs: number;
  /** The stores of the aggregation that decide. */
  readonly stores: readonly AnyStoreDefinition[];
  /** Whether a record counts as one without a value. */
  readonly isNull?: ((record: StreamRecord<K, V>) => boolean) | undefined;
  readonly createIsLate: (context: ProcessorContext<K, V>) => IsLate<K, V>;
}

/**
 * The records that an aggregation drops as late, unchanged, where that is a matter of its state.
 * The node stands before the aggregation in the plan: it sees the state that will decide there.
 */
export function stateLateStream<K, V>(from: Handle, spec: StateLateStreamSpec<K, V>): Handle {
  const { aggregation, closeDelayMs, stores, createIsLate, isNull } = spec;
  const node = operatorNode<K, V, K, V>({
    kind: 'late',
    name: `${aggregation}-late`,
    parents: [from.node],
    stores,
    createProcessor(context) {
      const closedEnd = closedUpTo(context, { graceMs: closeDelayMs });
      const isLate = createIsLate(context);
      return {
        process(record) {
          if (record.key === null || record.value === null) return;
          // Few are late: the author's function is asked of those alone.
          if (isLate(record, closedEnd()) && !isNull?.(record)) context.forward(record);
        },
        onCommit: () => context.advanceClosed(context.streamTimeMs - closeDelayMs),
      };
    },
  });
  return { ...from, node: from.draft.add(node) };
}
