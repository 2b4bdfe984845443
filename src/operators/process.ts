import { maxTimeMs } from '../core/model/duration.ts';
import { ProcessingError } from '../core/model/errors.ts';
import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import type { AnyStoreDefinition } from '../core/task/state-port.ts';
import type { Processor, ProcessorContext } from '../core/topology/processor.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { withSerdes } from './internal/stateless.ts';
import type { Renamable } from './internal/renamable.ts';

/** A node of the author's own. */
export interface ProcessDefinition<K, V, KOut, VOut> extends Renamable {
  readonly name: string;
  /** The stores it may ask the context for. */
  readonly stores?: readonly AnyStoreDefinition[];
  readonly onError?: ErrorPolicy;
  /** Called once per task and start. What a restart needs belongs into the stores. */
  create(context: ProcessorContext<KOut, VOut>): Processor<K, V>;
}

export function process<K, V, KOut, VOut>(
  from: Handle,
  definition: ProcessDefinition<K, V, KOut, VOut>,
  options: SerdeOptions<KOut, VOut> = {},
): Handle {
  const { name, stores = [], onError } = definition;
  from.draft.renamed(definition);
  const node = operatorNode<K, V, KOut, VOut>({
    kind: 'process',
    name,
    parents: [from.node],
    stores,
    hasTimers: true,
    changesKey: true,
    onError,
    createProcessor: (context) => definition.create(checkedContext(context)),
  });
  return withSerdes({ ...from, node: from.draft.add(node), isKeyChanged: true }, options);
}

/** The same context, whose `forward` lets no time pass that no source would let in. */
function checkedContext<K, V>(context: ProcessorContext<K, V>): ProcessorContext<K, V> {
  const checked = Object.create(context) as ProcessorContext<K, V>; // all else is the context's own
  const forward: typeof context.forward = (record, to) => {
    const { timestamp } = record;
    const isTime = Number.isInteger(timestamp) && timestamp >= 0 && timestamp <= maxTimeMs;
    if (isTime) return context.forward(record, to);
    throw new ProcessingError(
      'INVALID_TIMESTAMP',
      `Node '${context.node}' forwarded a record with the timestamp ${timestamp}: ` +
        'give whole milliseconds since the epoch.',
      { where: { node: context.node } },
    );
  };
  return Object.defineProperty(checked, 'forward', { value: forward });
}
