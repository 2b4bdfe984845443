import type { Serde } from '../core/serde/serde.ts';
import { undefinedValue } from './internal/callbacks.ts';
import type { GlobalHandle, Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';

export interface GlobalTableJoinOptions<K, V, KTable, VTable, VOut> {
  /** The key under which the row is looked up; null: there is none. */
  readonly key: (value: V, key: K) => KTable | null;
  readonly joiner: (value: V, row: VTable, key: K) => VOut;
  /** Names the node. */
  readonly name?: string;
  /** The serde of the joined values. */
  readonly value?: Serde<NonNullable<VOut>>;
}

export interface GlobalTableJoin {
  readonly kind: 'global-join' | 'global-left-join';
  readonly table: GlobalHandle;
}

/** A stream record looks a row up under any key: the table is the same in every task. */
export function globalTableJoin<K, V, KTable, VTable, VOut>(
  stream: Handle,
  { kind, table }: GlobalTableJoin,
  { key: keySelector, joiner, ...options }: GlobalTableJoinOptions<K, V, KTable, VTable, VOut>,
): Handle {
  const name = options.name ?? stream.draft.generateName(kind);
  const isLeft = kind === 'global-left-join';
  const node = operatorNode<K, V, K, VOut>({
    kind,
    name,
    parents: [stream.node],
    lookups: [table.node],
    createProcessor(context) {
      const find = context.lookup<KTable, VTable>(table.node);
      return {
        process(record) {
          const { key, value: left, timestamp, headers } = record;
          // Without a value there is nothing to take the other key from; both null: the key counts.
          if (left === null) return context.drop(record, 'null-value');
          const mapped = keySelector(left, key);
          if (mapped === undefined) throw undefinedValue(name, 'key selector');
          if (mapped === null && !isLeft) return context.drop(record, 'null-key');
          const row = mapped === null ? null : find(mapped);
          if (row === null && !isLeft) return;
          const right = (row === null ? null : row.value) as VTable; // null in left joins only
          const value = joiner(left, right, key);
          if (value === undefined) throw undefinedValue(name, 'joiner');
          context.forward({ key, value, timestamp, headers });
        },
      };
    },
  });
  return { ...stream, node: stream.draft.add(node), value: options.value ?? null };
}
