import type { Draft } from './internal/draft.ts';
import type { Handle } from './internal/handle.ts';
import { sourceNode, type SourceOptions } from './internal/source-node.ts';

export interface StreamOptions<
  K,
  V,
  Tombstones extends 'keep' | 'drop' = 'keep' | 'drop',
> extends SourceOptions<K, V> {
  /** Default: generated. */
  readonly name?: string;
  /** Whether records without a value pass. Default `'drop'`, counted as `null-value`. */
  readonly tombstones?: Tombstones;
}

export function streamSource<K, V>(
  draft: Draft,
  topic: string,
  options: StreamOptions<K, V>,
): Handle {
  const name = options.name ?? draft.generateName('stream');
  const { tombstones = 'drop' } = options;
  const node = sourceNode({ name, kind: 'stream', topic, isTable: false, tombstones }, options);
  return {
    draft,
    node: draft.add(node),
    key: options.key,
    value: options.value,
    isKeyChanged: false,
  };
}
