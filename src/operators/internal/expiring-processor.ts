import type { AnyStoreDefinition, StoreDefinition } from '../../core/task/state-port.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import { isExpiring } from '../../state/expiring-definition.ts';
import { type ExpiringRows, expiringRows } from './expiring-rows.ts';

/** A processor of the author's own, whose stores with a time to live keep to it. */
export function expiringProcessor<K, V, KOut, VOut>(
  context: ProcessorContext<KOut, VOut>,
  stores: readonly AnyStoreDefinition[],
  create: (context: ProcessorContext<KOut, VOut>) => Processor<K, V>,
): Processor<K, V> {
  const expiring = new Map<AnyStoreDefinition, ExpiringRows<unknown, unknown>>(
    stores.filter(isExpiring).map((definition) => {
      const rows = expiringRows(context, definition, () => undefined);
      return [definition, rows] as const;
    }),
  );
  if (expiring.size === 0) return create(context);
  const store = <S>(definition: StoreDefinition<S>): S => {
    const rows = expiring.get(definition);
    return rows === undefined ? context.store(definition) : (rows.store as S); // made for it
  };
  const own = Object.create(context) as ProcessorContext<KOut, VOut>; // all else is the context's own
  const processor = create(Object.defineProperty(own, 'store', { value: store }));
  // Not spread: it may be an instance of a class.
  return {
    process: (record) => processor.process(record),
    onCommit: () => processor.onCommit?.(),
    onTimer(timer) {
      const isOwn = [...expiring.values()].some((rows) => rows.onTimer(timer));
      if (!isOwn) processor.onTimer?.(timer);
    },
  };
}
