import type { Serde } from '../core/serde/serde.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { passingOn } from './internal/pass-on.ts';

export function merge<K, V>(from: Handle, other: Handle): Handle {
  const name = from.draft.generateName('merge');
  const node = operatorNode<K, V, K, V>({
    kind: 'merge',
    name,
    parents: [from.node, other.node],
    createProcessor: passingOn,
  });
  return {
    draft: from.draft,
    node: from.draft.add(node),
    key: common(from.key, other.key),
    value: common(from.value, other.value),
    isKeyChanged: from.isKeyChanged || other.isKeyChanged,
  };
}

/** Two serdes of one format write the same bytes; of two formats neither can write both streams. */
function common(a: Serde<unknown> | null, b: Serde<unknown> | null): Serde<unknown> | null {
  if (a === null || b === null) return null;
  return a.format === b.format && a.version === b.version ? a : null;
}
