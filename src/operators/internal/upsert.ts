import type { Change, StreamRecord } from '../../core/model/record.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { OperatorNode } from '../../core/topology/plan.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import { keyValueStore, withSourceChangelog } from '../../state/store-definitions.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { Handle } from './handle.ts';
import { changeRecord } from './emission.ts';
import { rowsOf, storesFor } from './expiring-rows.ts';
import { operatorNode } from './node.ts';
import type { UpsertSpec } from './upsert-spec.ts';
import { versionedUpsertNode } from './versioned-upsert.ts';

/** Keeps the last value of each key, in order of arrival; null deletes. */
export function upsertNode({ draft }: Pick<Handle, 'draft'>, spec: UpsertSpec): Handle {
  const { name, key, value, versioned, timeToLive } = spec;
  if (versioned !== undefined && timeToLive !== undefined) {
    const message = 'a table has a history or a time to live, not both: leave one of them out';
    draft.problems.push({ code: 'BAD_OPTION', node: name, message });
  }
  const node = versioned === undefined ? latestNode(spec) : versionedUpsertNode(spec, versioned);
  return { draft, node: draft.add(node), key, value, isKeyChanged: false };
}

function latestNode(spec: UpsertSpec): OperatorNode {
  const { kind, name, parent, key, value, timeToLive, changelogTopic } = spec;
  const own = keyValueStore({ name, key, value, timeToLive });
  const rows = changelogTopic === undefined ? own : withSourceChangelog(own, changelogTopic);
  return operatorNode<unknown, unknown, unknown, Change<unknown>>({
    kind,
    name,
    parents: [parent],
    stores: storesFor(rows),
    hasTimers: timeToLive !== undefined,
    table: {
      notVisible: null,
      open(context) {
        const store = context.store(rows);
        return (key) => store.get(key) ?? null;
      },
    },
    detail: rows.schema.detail,
    createProcessor: (context) => upsert(context, rows),
  });
}

function upsert(
  context: ProcessorContext<unknown, Change<unknown>>,
  rows: StoreDefinition<KeyValueStore<unknown, unknown>>,
): Processor<unknown, unknown> {
  const { store, isOver, onTimer } = rowsOf(context, rows, (key, row, timestamp) =>
    context.forward(changeRecord(key, row, null, timestamp)),
  );
  return {
    onTimer,
    process(record: StreamRecord<unknown, unknown>) {
      const { key, value, timestamp } = record;
      if (key === null) return context.drop(record, 'null-key');
      if (value !== null && isOver(timestamp)) return context.drop(record, 'expired');
      const row = store.get(key);
      if (row === undefined && value === null) return;
      // Applied all the same: compaction keeps the last offset, so a restore would too.
      if (row !== undefined && timestamp < row.timestamp) context.count('out-of-order');
      const newRow = value === null ? null : { value, timestamp };
      store.put(key, newRow);
      context.forward(changeRecord(key, row, newRow, timestamp));
    },
  };
}
