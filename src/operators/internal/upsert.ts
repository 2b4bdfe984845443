import type { Change, StreamRecord } from '../../core/model/record.ts';
import type { OperatorNode } from '../../core/topology/plan.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import { keyValueStore } from '../../state/store-definitions.ts';
import type { KeyValueStore } from '../../state/store.ts';
import type { Handle } from './handle.ts';
import { changeRecord } from './emission.ts';
import { operatorNode } from './node.ts';
import type { UpsertSpec } from './upsert-spec.ts';
import { versionedUpsertNode } from './versioned-upsert.ts';

/** Keeps the last value of each key, in order of arrival; null deletes. */
export function upsertNode(from: Pick<Handle, 'draft'>, spec: UpsertSpec): Handle {
  const { key, value, versioned } = spec;
  const node = versioned === undefined ? latestNode(spec) : versionedUpsertNode(spec, versioned);
  return { draft: from.draft, node: from.draft.add(node), key, value, isKeyChanged: false };
}

function latestNode({ kind, name, parent, key, value }: UpsertSpec): OperatorNode {
  const rows = keyValueStore({ name, key, value });
  return operatorNode<unknown, unknown, unknown, Change<unknown>>({
    kind,
    name,
    parents: [parent],
    stores: [rows],
    table: {
      notVisible: null,
      open(context) {
        const store = context.store(rows);
        return (key) => store.get(key) ?? null;
      },
    },
    createProcessor: (context) => upsert(context, context.store(rows)),
  });
}

function upsert(
  context: ProcessorContext<unknown, Change<unknown>>,
  store: KeyValueStore<unknown, unknown>,
): Processor<unknown, unknown> {
  return {
    process(record: StreamRecord<unknown, unknown>) {
      const { key, value, timestamp } = record;
      if (key === null) return context.drop(record, 'null-key');
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
