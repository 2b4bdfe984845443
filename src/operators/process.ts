import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import type { AnyStoreDefinition } from '../core/task/state-port.ts';
import type { Processor, ProcessorContext } from '../core/topology/processor.ts';
import { checkedContext } from './internal/checked-context.ts';
import { expiringProcessor } from './internal/expiring-processor.ts';
import { storesFor } from './internal/expiring-rows.ts';
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
    stores: stores.flatMap(storesFor),
    hasTimers: true,
    changesKey: true,
    onError,
    createProcessor: (context) =>
      expiringProcessor(checkedContext(context), stores, (own) => definition.create(own)),
  });
  return withSerdes({ ...from, node: from.draft.add(node), isKeyChanged: true }, options);
}
