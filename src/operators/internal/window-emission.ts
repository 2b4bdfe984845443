import type { Change } from '../../core/model/record.ts';
import type { Windowed } from '../../core/model/windows.ts';
import type { AnyStoreDefinition } from '../../core/task/state-port.ts';
import type { PlanNode, TableNode } from '../../core/topology/plan.ts';
import type { OperatorContext, WindowEnds } from '../../core/topology/processor.ts';
import type { WindowedEmitPolicy } from './emit.ts';
import type { Emission } from './emission.ts';
import { emitWindowsEvery } from './window-emission-every.ts';
import { emitWindowsOnClose } from './window-emission-on-close.ts';
import { emitWindowsOnCommit } from './window-emission-on-commit.ts';
import { emitWindowsOnUpdate } from './window-emission-on-update.ts';
import type { WindowRows } from './window-rows.ts';

/** The running half: also told of each new row, since its end wants a timer. */
export interface WindowEmission<K, V> extends Emission<Windowed<K>, V>, WindowEnds {}

/** The planned half. */
export interface WindowEmissionPlan<K, V> {
  readonly stores: readonly AnyStoreDefinition[];
  /** Given the aggregation's own node, once there is one. */
  table(self: () => PlanNode): TableNode;
  create(context: OperatorContext<Windowed<K>, Change<V>>): WindowEmission<K, V>;
}

/** How a windowed aggregation tells its changes, and when its rows go. */
export function windowEmission<K, V>(
  policy: WindowedEmitPolicy,
  spec: WindowRows<K, V>,
): WindowEmissionPlan<K, V> {
  switch (policy.kind) {
    case 'on-update':
      return emitWindowsOnUpdate(spec);
    case 'on-close':
      return emitWindowsOnClose(spec);
    case 'on-commit':
      return emitWindowsOnCommit(spec);
    case 'every':
      return emitWindowsEvery(policy, spec);
  }
}
