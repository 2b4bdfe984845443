import type { Draft } from './internal/draft.ts';
import type { Handle } from './internal/handle.ts';
import { sourceNode, type SourceOptions } from './internal/source-node.ts';
import { upsertNode } from './internal/upsert.ts';
import type { Renamable } from './internal/renamable.ts';

export interface TableOptions<K, V> extends SourceOptions<K, V>, Renamable {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
}

export function tableSource<K, V>(
  draft: Draft,
  topic: string,
  options: TableOptions<K, V>,
): Handle {
  const { name, key, value } = options;
  draft.renamed(options);
  const identity = { name: `${name}-source`, kind: 'table-source', topic, isTable: true } as const;
  const parent = draft.add(sourceNode({ ...identity, tombstones: 'keep' }, options));
  return upsertNode({ draft }, { kind: 'table', name, parent, key, value });
}
