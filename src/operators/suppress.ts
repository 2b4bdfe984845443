import { type Duration, durationMs } from '../core/model/duration.ts';
import { ConfigError } from '../core/model/errors.ts';
import type { Change } from '../core/model/record.ts';
import type { Windowed } from '../core/model/windows.ts';
import type { Serde } from '../core/serde/serde.ts';
import { keyValueStore } from '../state/store-definitions.ts';
import type { Renamable } from './internal/renamable.ts';
import type { Handle, TableWindows } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { orderedWindowKey } from './internal/ordered-window-key.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { SerdeOptions } from './internal/serdes.ts';
import { suppressProcessor, type Suppression } from './internal/suppress-processor.ts';
import { notVisibleOf } from './internal/table-node.ts';
import { waitingOrder } from './internal/waiting-order.ts';
import { waitingSerde } from './internal/waiting-serde.ts';

interface SuppressBound extends Renamable {
  /** How many keys may wait in a task. Default: any number. */
  readonly maxKeys?: number;
}

/** Folds the changes of a key for a time. */
export interface SuppressForOptions extends SuppressBound {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  /** How long after its first change, in stream time, a key's changes leave as one. */
  readonly for: Duration;
  /**
   * What a key above `maxKeys` does: it sends the key off that has waited longest, or it is a
   * processing error. Default `'fail'`.
   */
  readonly whenFull?: 'emit-oldest' | 'fail';
}

/** Holds the rows of windows back until they are final. */
export interface SuppressUntilCloseOptions extends SuppressBound {
  /** Names the node, its store and its changelog; a new name starts from an empty store. */
  readonly name: string;
  readonly until: 'close';
  /** A row sent off early would not be final, so a key above `maxKeys` is a processing error. */
  readonly whenFull?: 'fail';
}

/** Only windows close. */
export type SuppressOptions<K> =
  SuppressForOptions | (K extends Windowed<unknown> ? SuppressUntilCloseOptions : never);

/** Changes wait in a store and leave folded: `old` as last forwarded, `new` as it is then. */
export function suppress<K, V>(
  table: Handle,
  options: (SuppressForOptions | SuppressUntilCloseOptions) & SerdeOptions<K, V>,
): Handle {
  const { draft, node: parent, windows = null } = table;
  const { name, maxKeys = null, whenFull = 'fail' } = options;
  draft.renamed(options);
  const forMs = 'for' in options ? durationMs(options.for, 'for') : null;
  checkOptions(name, windows, { forMs, maxKeys, whenFull });
  const key = resolveSerde('key', options.key, table, name);
  const value = resolveSerde('value', options.value, table, name) as Serde<V>; // the table's own values
  // Rows due at one time leave in the order of their keys and window starts.
  const ordered = windows === null ? key : orderedWindowKey(windows.key);
  const keyInOrder = ordered as Serde<K>; // the table's own keys
  const rows = keyValueStore({ name, key: keyInOrder, value: waitingSerde(value) });
  const order = maxKeys === null ? null : waitingOrder(name);
  const suppression: Suppression<K, V> = {
    forMs,
    windows,
    rows,
    key: keyInOrder,
    maxKeys,
    whenFull,
  };
  const node = operatorNode<K, Change<V>, K, Change<V>>({
    kind: 'suppress',
    name,
    parents: [parent],
    stores: [rows, ...(order?.stores ?? [])],
    hasTimers: true,
    table: {
      notVisible: notVisible(table, forMs),
      open(context) {
        const waiting = context.store(rows);
        const find = context.lookup(parent);
        return (looked) => {
          const row = waiting.get(looked as K); // a key of this table
          return row === undefined || row.value.dueMs === null ? find(looked) : row.value.emitted;
        };
      },
    },
    detail: { ...(forMs === null ? { until: 'close' } : { forMs }), maxKeys, whenFull },
    createProcessor: (context) =>
      suppressProcessor(context, suppression, order?.open(context) ?? null),
  });
  return { ...table, node: draft.add(node), key, value };
}

function notVisible({ node, windows }: Handle, forMs: number | null): string | null {
  const ofParent = notVisibleOf(node);
  if (ofParent !== null || forMs !== null || windows?.retentionMs !== 0) return ofParent;
  return `rows of '${node.name}' are removed as they close; give it a \`retention\``;
}

function checkOptions(
  node: string,
  windows: TableWindows | null,
  { forMs, maxKeys, whenFull }: Pick<Suppression<never, never>, 'forMs' | 'maxKeys' | 'whenFull'>,
): void {
  const bad = (message: string) => new ConfigError('BAD_OPTION', message, { where: { node } });
  if (maxKeys !== null && !(Number.isSafeInteger(maxKeys) && maxKeys > 0)) {
    throw bad(`maxKeys (${maxKeys}) of '${node}' is no bound: take a whole number from 1.`);
  }
  if (forMs !== null) return;
  if (whenFull !== 'fail') {
    throw bad(`whenFull of '${node}' would send rows off that are not final: take 'fail'.`);
  }
  if (windows === null) {
    throw bad(`'${node}' waits for windows to close, but the table before it has none of its own.`);
  }
  if (windows.closeAfterMs === null) {
    throw bad(
      `'${node}' waits for windows to close, but those before it never do: give it \`for\`.`,
    );
  }
}
