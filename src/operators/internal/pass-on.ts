import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import type { Handle } from './handle.ts';
import { operatorNode } from './node.ts';

/** Forwards each record as it came. */
export function passingOn<K, V>(context: ProcessorContext<K, V>): Processor<K, V> {
  return { process: (record) => context.forward(record) };
}

/** A way that records take under a name of its own. */
export function passOn(from: Handle, kind: string, name: string): Handle {
  const spec = { kind, name, parents: [from.node], createProcessor: passingOn };
  return { ...from, node: from.draft.add(operatorNode(spec)) };
}
