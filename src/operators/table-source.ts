import type { Duration } from '../core/model/duration.ts';
import type { Draft } from './internal/draft.ts';
import type { Handle } from './internal/handle.ts';
import { sourceNode, type SourceOptions } from './internal/source-node.ts';
import { upsertNode } from './internal/upsert.ts';
import type { Versioning } from './internal/upsert-spec.ts';
import type { Renamable } from './internal/renamable.ts';

export interface TableOptions<K, V> extends SourceOptions<K, V>, Renamable {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  /** Keeps what was valid before, so that a join finds the row valid at its record's time. */
  readonly versioned?: Versioning;
  /** How long a row is kept in stream time after its timestamp; not with `versioned`. */
  readonly timeToLive?: Duration;
}

/** The same where the table is versioned, which decides what a join with it may ask for. */
export interface VersionedTableOptions<K, V> extends TableOptions<K, V> {
  readonly versioned: Versioning;
}

export function tableSource<K, V>(
  draft: Draft,
  topic: string,
  options: TableOptions<K, V>,
): Handle {
  const { name, key, value, versioned, timeToLive } = options;
  draft.renamed(options);
  const identity = { name: `${name}-source`, kind: 'table-source', topic, isTable: true } as const;
  const parent = draft.add(sourceNode({ ...identity, tombstones: 'keep' }, options));
  return upsertNode({ draft }, { kind: 'table', name, parent, key, value, versioned, timeToLive });
}
