import type { ErrorPolicy } from '../../core/model/drop-reason.ts';
import type { Sink } from '../../core/sink/sink.ts';
import type { AnyStoreDefinition } from '../../core/task/state-port.ts';
import type { CallSettings, OperatorNode, PlanNode, TableNode } from '../../core/topology/plan.ts';
import type { OperatorContext, Processor } from '../../core/topology/processor.ts';

/** An operator as its file states it; what is left out is empty, false or null. */
export interface OperatorSpec<K, V, KOut, VOut> {
  readonly kind: string;
  readonly name: string;
  readonly parents: readonly PlanNode[];
  readonly stores?: readonly AnyStoreDefinition[];
  readonly lookups?: readonly PlanNode[];
  readonly hasTimers?: boolean;
  readonly changesKey?: boolean;
  readonly isCopartitioned?: boolean;
  readonly table?: TableNode;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly onError?: ErrorPolicy | undefined;
  readonly calls?: CallSettings;
  readonly delivery?: Sink<never>;
  readonly createProcessor: (context: OperatorContext<KOut, VOut>) => Processor<K, V>;
}

/** The frozen node of an operator. */
export function operatorNode<K, V, KOut, VOut>(spec: OperatorSpec<K, V, KOut, VOut>): OperatorNode {
  return Object.freeze({
    type: 'operator',
    kind: spec.kind,
    name: spec.name,
    parents: Object.freeze([...spec.parents]),
    stores: Object.freeze([...(spec.stores ?? [])]),
    lookups: Object.freeze([...(spec.lookups ?? [])]),
    hasTimers: spec.hasTimers ?? false,
    changesKey: spec.changesKey ?? false,
    isCopartitioned: spec.isCopartitioned ?? false,
    table: spec.table === undefined ? null : Object.freeze(spec.table),
    detail: Object.freeze({ ...spec.detail }),
    onProcessingError: spec.onError ?? null,
    calls: spec.calls === undefined ? null : Object.freeze(spec.calls),
    delivery: spec.delivery ?? null,
    createProcessor: spec.createProcessor,
  });
}
