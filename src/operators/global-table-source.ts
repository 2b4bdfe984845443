import { keyValueStore } from '../state/store-definitions.ts';
import type { Draft } from './internal/draft.ts';
import type { GlobalHandle } from './internal/handle.ts';
import { sourceNode, type SourceOptions } from './internal/source-node.ts';

export interface GlobalTableOptions<K, V> extends Omit<
  SourceOptions<K, V>,
  'onInvalidTimestamp' | 'onError'
> {
  /** Names the table and its store. */
  readonly name: string;
  /** What to do with a record whose time is no time. Default `'drop'`. */
  readonly onInvalidTimestamp?: 'drop' | 'fail';
  /** What cannot be decoded. Every worker reads it, so there are no dead letters. Default fail. */
  readonly onError?: 'drop' | 'fail';
}

export function globalTableSource<K, V>(
  draft: Draft,
  topic: string,
  options: GlobalTableOptions<K, V>,
): GlobalHandle {
  const { name, key, value, onError = 'fail' } = options;
  for (const kept of ['versioned', 'timeToLive']) {
    if (!(kept in options)) continue;
    const message = `a global table has no \`${kept}\`: no stream time is its own`;
    draft.problems.push({ code: 'BAD_OPTION', node: name, message });
  }
  const identity = {
    name,
    kind: 'global-table',
    topic,
    isTable: true,
    tombstones: 'keep',
  } as const;
  const source = sourceNode(identity, { ...options, onError });
  const { kind, parents, detail } = source;
  const node = Object.freeze({
    type: 'global',
    kind,
    name,
    parents,
    detail,
    topic,
    key: source.key,
    value: source.value,
    source,
    rows: keyValueStore<unknown, unknown>({ name, key: source.key, value: source.value }),
  } as const);
  return { draft, node: draft.add(node), key, value };
}
