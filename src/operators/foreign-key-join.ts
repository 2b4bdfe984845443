import { trusted } from '../core/serde/key-identity.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { Partitioner } from '../core/topology/plan.ts';
import type { Joiner } from './internal/callbacks.ts';
import type { ForeignKey } from './internal/foreign-key-left.ts';
import { foreignKeyNodes } from './internal/foreign-key-nodes.ts';
import { joinedRows, subscriberRows } from './internal/foreign-key-rows.ts';
import type { Handle } from './internal/handle.ts';
import { joinedValue } from './internal/joined-value.ts';
import type { Renamable } from './internal/renamable.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { ValueSerdeRequired } from './internal/serdes.ts';
import { notVisibleOf } from './internal/table-node.ts';

export interface ForeignKeyJoinOptions<K, V, KRight, VOut>
  extends ValueSerdeRequired<VOut>, Renamable {
  /** Names the nodes, their stores and two internal topics; a new name starts from empty stores. */
  readonly name: string;
  /** The key of the other table's row; null or undefined where there is none. */
  readonly foreignKey: ForeignKey<K, V, KRight>;
  /** How the other table is partitioned. Default: by the hash of its key's bytes. */
  readonly partitioner?: Partitioner<KRight, null>;
}

export interface ForeignKeyJoin<K, Left, Right, VOut> {
  readonly type: 'inner' | 'left';
  readonly other: Handle;
  /** Gets null for a missing right row only in left joins: `Right` then says so. */
  readonly joiner: Joiner<K, Left, Right, VOut>;
}

/**
 * Two tasks take part. The left one subscribes each row at the task of its foreign key, with a hash
 * of the row's value; the right one answers at once, and again whenever its row changes. An answer
 * to a value that has been replaced since is passed over: that value's own answer is under way. So
 * the last word is about the two latest rows, in whatever order changes cross.
 */
export function foreignKeyJoin<K, Left, KRight, Right, VOut>(
  left: Handle,
  { type, other: right, joiner }: ForeignKeyJoin<K, Left, Right, VOut>,
  options: ForeignKeyJoinOptions<K, Left, KRight, VOut>,
): Handle {
  const { name, foreignKey, partitioner } = options;
  const { draft } = left;
  draft.renamed(options);
  const serdeOf = <T>(side: 'key' | 'value', table: Handle) =>
    trusted(resolveSerde(side, undefined, table, name)) as Serde<T>; // the table's own
  const key = serdeOf<K>('key', left);
  const rightKey = serdeOf<KRight>('key', right);
  const leftValue = serdeOf<Left>('value', left);
  const value = resolveSerde('value', options.value, { ...left, value: null }, name);
  const hidden = notVisibleOf(left.node);
  if (hidden !== null)
    draft.problems.push({ code: 'TABLE_NOT_VISIBLE', node: name, message: hidden });
  const node = foreignKeyNodes<K, Left, KRight, Right, VOut>(draft, {
    kind: type === 'inner' ? 'foreign-key-join' : 'foreign-key-left-join',
    name,
    leftTable: left.node,
    rightValue: serdeOf<Right>('value', right),
    partitioner,
    left: {
      type,
      key,
      value: leftValue,
      rightKey,
      rows: joinedRows(name, key, { left: leftValue, result: value as Serde<VOut> }), // as given
      foreignKey,
      join: joinedValue(name, type, joiner),
    },
    right: {
      table: right.node,
      key: rightKey,
      subscribers: subscriberRows(`${name}-subscriptions`, rightKey, key),
    },
  });
  return { draft, node, key: left.key, value, isKeyChanged: false };
}
