import type { Change } from '../../core/model/record.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import type { OperatorNode } from '../../core/topology/plan.ts';
import { durationMs } from '../../core/model/duration.ts';
import { versionedRows } from '../../state/store-definitions.ts';
import type { VersionedRows } from '../../state/versioned-store.ts';
import { changeRecord } from './emission.ts';
import { operatorNode } from './node.ts';
import type { UpsertSpec, Versioning } from './upsert-spec.ts';
import { versionPruning } from './version-pruning.ts';

/** Keeps the versions of each key by their time; the latest one is the table's row. */
export function versionedUpsertNode(spec: UpsertSpec, { history }: Versioning): OperatorNode {
  const { kind, name, parent, key, value } = spec;
  const rows = versionedRows({ name, key, value, history });
  return operatorNode<unknown, unknown, unknown, Change<unknown>>({
    kind,
    name,
    parents: [parent],
    stores: [rows],
    hasTimers: true,
    table: {
      notVisible: null,
      historyMs: durationMs(history, 'history'),
      open(context) {
        const store = context.store(rows);
        return (key, asOfMs) =>
          (asOfMs === undefined ? store.get(key) : store.asOf(key, asOfMs)) ?? null;
      },
    },
    detail: rows.schema.detail,
    createProcessor: (context) => versionedUpsert(context, context.store(rows)),
  });
}

function versionedUpsert(
  context: ProcessorContext<unknown, Change<unknown>>,
  rows: VersionedRows<unknown, unknown>,
): Processor<unknown, unknown> {
  return {
    onTimer: versionPruning(context, rows),
    process(record) {
      const { key, value, timestamp } = record;
      if (key === null) return context.drop(record, 'null-key');
      const row = rows.get(key);
      const put = rows.put(key, { value, timestamp });
      if (put === 'expired') return context.drop(record, 'expired-version');
      if (put === 'older') return context.count('out-of-order');
      if (row === undefined && value === null) return;
      const newRow = value === null ? null : { value, timestamp };
      context.forward(changeRecord(key, row, newRow, timestamp));
    },
  };
}
