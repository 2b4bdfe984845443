import type { ErrorPolicy } from '../model/drop-reason.ts';
import type { PlanNode } from './plan.ts';

/** What a node says about errors of its own code; null where the default holds. */
export function errorPolicyOf(node: PlanNode): ErrorPolicy | null {
  if (node.type === 'operator') return node.onProcessingError;
  return node.type === 'sink' || node.type === 'repartition' ? node.onProductionError : null;
}
