import type { Row } from '../core/model/record.ts';
import { undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { byItsKey } from './internal/repartition-node.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import type { Renamable } from './internal/renamable.ts';

export interface StreamTableJoinOptions extends Renamable {
  /** Required where the stream's key was changed: it then writes the topic of `<name>-input`. */
  readonly name?: string;
}

export type Joiner<K, Left, Right, VOut> = (left: Left, right: Right, key: K) => VOut;

export interface StreamTableJoin<K, Left, Right, VOut> {
  readonly kind: 'join' | 'left-join';
  readonly table: Handle;
  /** Gets null for a missing row only in left joins: `Right` then says so. */
  readonly joiner: Joiner<K, Left, Right, VOut>;
}

/**
 * A stream record looks its key up. State: none but the table's. The table's side triggers nothing;
 * the task takes table records first at equal times, so a row valid from `t` is seen at `t`.
 */
export function streamTableJoin<K, Left, Right, VOut>(
  stream: Handle,
  { kind, table, joiner }: StreamTableJoin<K, Left, Right, VOut>,
  options: StreamTableJoinOptions & ValueSerdeOption<VOut> = {},
): Handle {
  const { draft } = stream;
  const name = options.name ?? draft.generateName(kind);
  draft.renamed(options);
  if (stream.isKeyChanged && options.name === undefined) {
    draft.problems.push({
      code: 'NAME_MISSING',
      node: name,
      message: `the ${kind} of a stream with a changed key writes a topic: pass it a \`name\``,
    });
  }
  const from = byItsKey(stream, { name: `${name}-input` });
  const isLeft = kind === 'left-join';
  const node = operatorNode<K | null, Left | null, K | null, VOut>({
    kind,
    name,
    parents: [from.node],
    lookups: [table.node],
    isCopartitioned: true,
    createProcessor(context) {
      const find = context.lookup<K, Right>(table.node);
      return {
        process(record) {
          const { key, value: left, timestamp, headers } = record;
          if (key === null && !isLeft) return context.drop(record, 'null-key');
          if (left === null) return context.drop(record, 'null-value');
          const row: Row<Right> | null = key === null ? null : find(key);
          if (row === null && !isLeft) return;
          const right = (row === null ? null : row.value) as Right; // null in left joins only
          const value = joiner(left, right, key as K); // null in left joins only
          if (value === undefined) throw undefinedValue(name, 'joiner');
          context.forward({ key, value, timestamp, headers });
        },
      };
    },
  });
  return { ...from, node: draft.add(node), value: options.value ?? null };
}
