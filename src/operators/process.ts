import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import type { AnyStoreDefinition, StoreDefinition } from '../core/task/state-port.ts';
import type { FiredTimer, Processor, ProcessorContext } from '../core/topology/processor.ts';
import { isExpiring } from '../state/expiring-definition.ts';
import { checkedContext } from './internal/checked-context.ts';
import { type ExpiringRows, expiringRows, storesFor } from './internal/expiring-rows.ts';
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
    createProcessor: (context) => {
      const { context: own, onTimer } = contextWithExpiry(checkedContext(context), stores);
      const processor = definition.create(own);
      if (onTimer === null) return processor;
      // Not spread: it may be an instance of a class.
      return {
        process: (record) => processor.process(record),
        onCommit: () => processor.onCommit?.(),
        onTimer(timer) {
          if (!onTimer(timer)) processor.onTimer?.(timer);
        },
      };
    },
  });
  return withSerdes({ ...from, node: from.draft.add(node), isKeyChanged: true }, options);
}

interface ContextWithExpiry<K, V> {
  readonly context: ProcessorContext<K, V>;
  /** Whether a timer was that of a store; null where nothing expires. */
  readonly onTimer: ((timer: FiredTimer) => boolean) | null;
}

/** The same context, whose stores with a time to live keep to it. */
function contextWithExpiry<K, V>(
  context: ProcessorContext<K, V>,
  stores: readonly AnyStoreDefinition[],
): ContextWithExpiry<K, V> {
  const expiring = new Map<AnyStoreDefinition, ExpiringRows<unknown, unknown>>(
    stores.filter(isExpiring).map((definition) => {
      const rows = expiringRows(context, definition, () => undefined);
      return [definition, rows] as const;
    }),
  );
  if (expiring.size === 0) return { context, onTimer: null };
  const store = <S>(definition: StoreDefinition<S>): S => {
    const rows = expiring.get(definition);
    return rows === undefined ? context.store(definition) : (rows.store as S); // made for it
  };
  const own = Object.create(context) as ProcessorContext<K, V>; // all else is the context's own
  return {
    context: Object.defineProperty(own, 'store', { value: store }),
    onTimer: (timer) => [...expiring.values()].some((rows) => rows.onTimer(timer)),
  };
}
