import type { Change, Row } from '../core/model/record.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { LookupContext, TableNode } from '../core/topology/plan.ts';
import { keyValueStore } from '../state/store-definitions.ts';
import type { Renamable } from './internal/renamable.ts';
import type { Joiner } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { joinedValue, type JoinedValue, type JoinType, laterOf } from './internal/joined-value.ts';
import { operatorNode } from './internal/node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { ValueSerdeOption, ValueSerdeRequired } from './internal/serdes.ts';
import { type JoinCopies, joinCopies, joinSide } from './internal/table-join-side.ts';
import { haveCommonTable } from './internal/tables-above.ts';

/** Without a name the table keeps no store: lookups join the rows of both sides again. */
export type TableJoinOptions<VOut> = {
  /** Only with a table of another key. */ readonly foreignKey?: undefined;
} & (
  | ({ readonly name?: undefined } & ValueSerdeOption<VOut>)
  | ({
      /**
       * Names the node and a store of the joined rows; a new name starts from an empty store.
       * Required where both sides come from one table.
       */
      readonly name: string;
    } & Renamable &
      ValueSerdeRequired<VOut>)
);

export interface TableJoin<K, Left, Right, VOut> {
  readonly type: JoinType;
  readonly other: Handle;
  /** Gets null for a side without a row, where the type of the join lets it. */
  readonly joiner: Joiner<K, Left, Right, VOut>;
}

const kinds = {
  inner: 'table-join',
  left: 'table-left-join',
  outer: 'table-outer-join',
} as const satisfies Readonly<Record<JoinType, string>>;

/**
 * Each side's change is joined with the other side's row, as a lookup finds it. Sides that come
 * from one table change in one record, and then a lookup may be ahead of what was forwarded: such a
 * join keeps what it has seen of both, and takes the right side's change when the left side's has
 * passed.
 */
export function tableJoin<K, Left, Right, VOut>(
  left: Handle,
  { type, other: right, joiner }: TableJoin<K, Left, Right, VOut>,
  options: TableJoinOptions<VOut> = {},
): Handle {
  const { draft } = left;
  const kind = kinds[type];
  const name = options.name ?? draft.generateName(kind);
  if (options.name !== undefined) draft.renamed(options);
  const problem = (code: 'INVALID_TOPOLOGY' | 'NAME_MISSING', message: string) =>
    draft.problems.push({ code, node: name, message });
  if (left.node === right.node) {
    problem('INVALID_TOPOLOGY', `'${name}' joins a table with itself: use mapValues instead`);
  }
  const hasCopies = left.node !== right.node && haveCommonTable(left.node, right.node);
  if (hasCopies && options.name === undefined) {
    problem(
      'NAME_MISSING',
      'the sides of the join come from one table, so it keeps rows of its own: pass it a `name`',
    );
  }
  const join = joinedValue(name, type, joiner);
  const copies = hasCopies ? joinCopies<K, Left, Right>(name, left, right) : null;
  const rows = options.name === undefined ? null : rowsOf<K, VOut>(name, left, options);
  const leftSide = joinSide<K, Left, Right, VOut>({
    kind: `${kind}-left`,
    name: `${name}-left`,
    own: left,
    other: right,
    copies: copies && { own: copies.left, other: copies.right, isLast: false },
    join,
  });
  const rightSide = joinSide<K, Right, Left, VOut>({
    kind: `${kind}-right`,
    name: `${name}-right`,
    own: right,
    other: left,
    copies: copies && { own: copies.right, other: copies.left, isLast: true },
    join: (own, other, key) => join(other, own, key),
  });
  const node = operatorNode<K, Change<VOut>, K, Change<VOut>>({
    kind,
    name,
    parents: [draft.add(leftSide), draft.add(rightSide)],
    stores: rows === null ? [] : [rows],
    table: tableOf(left, right, copies, join),
    createProcessor(context) {
      const store = rows === null ? null : context.store(rows);
      return {
        process(record) {
          const { key, value, timestamp } = record;
          const { newValue } = value;
          store?.put(key, newValue === null ? null : { value: newValue, timestamp });
          context.forward(record);
        },
      };
    },
  });
  const key = left.key ?? right.key;
  const value = options.value ?? null;
  return { draft, node: draft.add(node), key, value, isKeyChanged: false };
}

function rowsOf<K, VOut>(name: string, left: Handle, options: ValueSerdeOption<VOut>) {
  const known = { ...left, value: null };
  const key = resolveSerde('key', undefined, known, name) as Serde<K>; // the left side's own
  const value = resolveSerde('value', options.value, known, name) as Serde<VOut>; // as given
  return keyValueStore({ name, key, value });
}

/** Named or not, a lookup joins again: naming a table changes no output. */
function tableOf<K, Left, Right, VOut>(
  left: Handle,
  right: Handle,
  copies: JoinCopies<K, Left, Right> | null,
  join: JoinedValue<K, Left, Right, VOut>,
): TableNode {
  type Find<V> = (key: K) => Row<V> | null | undefined;
  const sides = (context: LookupContext): readonly [Find<Left>, Find<Right>] => {
    if (copies !== null) {
      const [lefts, rights] = [context.store(copies.left), context.store(copies.right)];
      return [(key) => lefts.get(key), (key) => rights.get(key)];
    }
    return [
      context.lookup(left.node) as Find<Left>, // rows of that table
      context.lookup(right.node) as Find<Right>, // rows of that table
    ];
  };
  return {
    notVisible: null,
    open(context) {
      const [findLeft, findRight] = sides(context);
      return (looked) => {
        const key = looked as K; // a key of this table
        const [leftRow, rightRow] = [findLeft(key) ?? null, findRight(key) ?? null];
        const value = join(leftRow?.value ?? null, rightRow?.value ?? null, key);
        if (value === null) return null;
        return { value, timestamp: laterOf(leftRow?.timestamp ?? 0, rightRow) };
      };
    },
  };
}
