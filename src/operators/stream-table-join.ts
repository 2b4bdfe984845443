import { type Duration, durationMs } from '../core/model/duration.ts';
import type { StreamRecord } from '../core/model/record.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { ProcessorContext } from '../core/topology/processor.ts';
import { type Joiner, undefinedValue } from './internal/callbacks.ts';
import { graceBuffer } from './internal/grace-buffer.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { recordPages } from './internal/record-pages.ts';
import { byItsKey } from './internal/repartition-node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { ValueSerdeOption } from './internal/serdes.ts';
import type { Renamable } from './internal/renamable.ts';
import { historyOf } from './internal/table-node.ts';

export interface StreamTableJoinOptions extends Renamable {
  /**
   * Required where the stream's key was changed: it then writes the topic of `<name>-input`; and
   * with `grace`, whose store it names.
   */
  readonly name?: string;
  /**
   * Versioned tables only: how long a record waits in stream time before it looks its row up, so
   * that rows which come late are found. At most the table's history.
   */
  readonly grace?: Duration;
}

/** Grace goes with a versioned table and a name. */
export type GraceRules<Versioned extends boolean, Options> = [Versioned] extends [true]
  ? Options extends { readonly grace: Duration }
    ? { readonly name: string }
    : object
  : { readonly grace?: never };

export interface StreamTableJoin<K, Left, Right, VOut> {
  readonly kind: 'join' | 'left-join';
  readonly table: Handle;
  /** Gets null for a missing row only in left joins: `Right` then says so. */
  readonly joiner: Joiner<K, Left, Right, VOut>;
}

/**
 * A stream record looks its key up: in a versioned table the row valid at its own time, with grace
 * once late rows are there too. State: the table's, and with grace the records that wait. The
 * table's side triggers nothing; the task takes table records first at equal times, so a row valid
 * from `t` is seen at `t`.
 */
export function streamTableJoin<K, Left, Right, VOut>(
  stream: Handle,
  join: StreamTableJoin<K, Left, Right, VOut>,
  options: StreamTableJoinOptions & ValueSerdeOption<VOut> = {},
): Handle {
  const { kind, table } = join;
  const { draft } = stream;
  const name = options.name ?? draft.generateName(kind);
  const graceMs = options.grace === undefined ? null : durationMs(options.grace, 'grace');
  draft.renamed(options);
  checkOptions(stream, join, { name, isNamed: options.name !== undefined, graceMs });
  const from = byItsKey(stream, { name: `${name}-input` });
  const rows = graceMs === null ? null : waitingRows<K, Left>(from, name);
  const isLeft = kind === 'left-join';
  const node = operatorNode<K | null, Left | null, K | null, VOut>({
    kind,
    name,
    parents: [from.node],
    lookups: [table.node],
    stores: rows === null ? [] : [rows],
    hasTimers: rows !== null,
    isCopartitioned: true,
    detail: graceMs === null ? {} : { graceMs },
    createProcessor(context) {
      const forward = joined(context, name, join);
      const release = forward as (record: StreamRecord<K, Left>) => void; // keys that are there
      const buffer =
        rows === null || graceMs === null ? null : graceBuffer(context, { rows, graceMs, release });
      return {
        ...(buffer === null ? {} : { onTimer: buffer.onTimer }),
        process(record) {
          if (record.key === null && !isLeft) return context.drop(record, 'null-key');
          if (record.value === null) return context.drop(record, 'null-value');
          const present = record as StreamRecord<K, Left>; // or without a key, which never waits
          if (buffer === null || record.key === null || !buffer.takes(present)) forward(present);
        },
      };
    },
  });
  return { ...from, node: draft.add(node), value: options.value ?? null };
}

function joined<K, Left, Right, VOut>(
  context: ProcessorContext<K | null, VOut>,
  name: string,
  { kind, table, joiner }: StreamTableJoin<K, Left, Right, VOut>,
): (record: StreamRecord<K | null, Left>) => void {
  const find = context.lookup<K, Right>(table.node);
  return ({ key, value: left, timestamp, headers }) => {
    const row = key === null ? null : find(key, timestamp);
    if (row === null && kind === 'join') return;
    const right = (row === null ? null : row.value) as Right; // null in left joins only
    const value = joiner(left, right, key as K); // null in left joins only
    if (value === undefined) throw undefinedValue(name, 'joiner');
    context.forward({ key, value, timestamp, headers });
  };
}

function waitingRows<K, Left>(from: Handle, name: string) {
  const key = resolveSerde('key', undefined, from, name) as Serde<K>; // the stream's own keys
  const value = resolveSerde('value', undefined, from, name) as Serde<Left>; // and values
  return recordPages({ name, key, value });
}

interface Checked {
  readonly name: string;
  readonly isNamed: boolean;
  readonly graceMs: number | null;
}

function checkOptions(
  { draft, isKeyChanged }: Handle,
  { kind, table }: Pick<StreamTableJoin<never, never, never, never>, 'kind' | 'table'>,
  { name, isNamed, graceMs }: Checked,
): void {
  const refuse = (code: 'NAME_MISSING' | 'NOT_VERSIONED' | 'BAD_OPTION', message: string) =>
    void draft.problems.push({ code, node: name, message });
  if (isKeyChanged && !isNamed) {
    const what = `the ${kind} of a stream with a changed key writes a topic: pass it a \`name\``;
    refuse('NAME_MISSING', what);
  }
  if (graceMs === null) return;
  if (!isNamed) refuse('NAME_MISSING', `the ${kind} with grace keeps records: pass it a \`name\``);
  const historyMs = historyOf(table.node);
  if (historyMs === null) {
    const what = `'${table.node.name}' is not versioned, so a late row would replace what was valid`;
    refuse('NOT_VERSIONED', `${what}: declare the table \`versioned\`, or leave out \`grace\``);
  } else if (graceMs > historyMs) {
    const what = `the grace of ${graceMs} ms is longer than the history of ${historyMs} ms`;
    refuse('BAD_OPTION', `${what} of '${table.node.name}', in which rows are looked up`);
  }
}
