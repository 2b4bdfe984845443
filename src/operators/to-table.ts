import type { Duration } from '../core/model/duration.ts';
import type { Handle } from './internal/handle.ts';
import { byItsKey } from './internal/repartition-node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { upsertNode } from './internal/upsert.ts';
import type { Versioning } from './internal/upsert-spec.ts';
import type { Renamable } from './internal/renamable.ts';

export interface ToTableOptions extends Renamable {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  /** Keeps what was valid before, so that a join finds the row valid at its record's time. */
  readonly versioned?: Versioning;
  /** How long a row is kept in stream time after its timestamp; not with `versioned`. */
  readonly timeToLive?: Duration;
}

/** The same where the table is versioned, which decides what a join with it may ask for. */
export interface ToVersionedTableOptions extends ToTableOptions {
  readonly versioned: Versioning;
}

export function toTable<K, V>(from: Handle, options: ToTableOptions & SerdeOptions<K, V>): Handle {
  const { name, versioned, timeToLive } = options;
  from.draft.renamed(options);
  const key = resolveSerde('key', options.key, from, name);
  const value = resolveSerde('value', options.value, from, name);
  const { draft, node } = byItsKey(from, { name: `${name}-input`, key, value });
  return upsertNode(
    { draft },
    { kind: 'to-table', name, parent: node, key, value, versioned, timeToLive },
  );
}
