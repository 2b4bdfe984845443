import type { Serde } from '../../core/serde/serde.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import type { Handle } from './handle.ts';
import { operatorNode } from './node.ts';

/** Adds a node without state under a generated name; serdes and the key mark stay as they were. */
export function statelessNode<K, V, KOut, VOut>(
  from: Handle,
  kind: string,
  createProcessor: (context: ProcessorContext<KOut, VOut>) => Processor<K, V>,
): Handle {
  const name = from.draft.generateName(kind);
  const node = operatorNode({ kind, name, parents: [from.node], createProcessor });
  return { ...from, node: from.draft.add(node) };
}

/** The same where records may leave under another key: they then lie in the wrong partition. */
export function rekeyingNode<K, V, KOut, VOut>(
  from: Handle,
  kind: string,
  createProcessor: (context: ProcessorContext<KOut, VOut>) => Processor<K, V>,
): Handle {
  const name = from.draft.generateName(kind);
  const spec = { kind, name, parents: [from.node], changesKey: true, createProcessor };
  return { ...from, node: from.draft.add(operatorNode(spec)), isKeyChanged: true };
}

interface SerdesOfOutput {
  readonly key?: Serde<unknown> | undefined;
  readonly value?: Serde<unknown> | undefined;
}

/** What a mapper's options say about its output; what they leave out is not known any more. */
export function withSerdes(handle: Handle, { key, value }: SerdesOfOutput): Handle {
  return { ...handle, key: key ?? null, value: value ?? null };
}
