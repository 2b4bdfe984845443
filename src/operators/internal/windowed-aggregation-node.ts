import { type Duration, durationMs } from '../../core/model/duration.ts';
import { ConfigError } from '../../core/model/errors.ts';
import type { Change, StreamRecord } from '../../core/model/record.ts';
import type { TimeWindows, Windowed } from '../../core/model/windows.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { windowed } from '../../core/serde/windowed.ts';
import type { OperatorNode } from '../../core/topology/plan.ts';
import type { WindowedAggregationOptions } from './aggregation-options.ts';
import type { WindowedEmitPolicy } from './emit.ts';
import type { Handle } from './handle.ts';
import { lateStream } from './late-stream.ts';
import { operatorNode } from './node.ts';
import { byItsKey } from './repartition-node.ts';
import { resolveSerde } from './resolve-serde.ts';
import { type StepFactory, unchanged } from './steps.ts';
import { windowDefinition } from './stores.ts';
import { checkReach } from './time-bounds.ts';
import { windowEmission } from './window-emission.ts';
import { windowPlaces } from './window-places.ts';
import type { OpenWindowRows } from './window-rows.ts';
import { closedUpTo } from './window-time.ts';

export interface WindowedAggregationSpec<K, V, A> extends WindowedAggregationOptions<K, V> {
  readonly kind: string;
  readonly windows: TimeWindows;
  /** Left out: the input's. */
  readonly value?: Serde<A>;
  /** What `describe()` shows besides windows, emission and retention. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly step: StepFactory<K, V, A>;
  /** What the step keeps beside the rows, until their windows close. */
  readonly stores?: readonly OpenWindowRows[];
  /** Whether a record counts as one without a value. */
  readonly isNull?: (record: StreamRecord<K, V>) => boolean;
}

/** One row per key and window, changed by each record that the window takes. */
export function windowedAggregationNode<K, V, A>(
  grouped: Handle,
  spec: WindowedAggregationSpec<K, V, A>,
): Handle {
  const { kind, name, windows, emit = { kind: 'on-update' }, onError, stores = [], isNull } = spec;
  checkEmit(name, windows, emit);
  grouped.draft.renamed(spec);
  const from = byItsKey(grouped, { name: `${name}-input` });
  const key = resolveSerde('key', undefined, from, name) as Serde<K>; // the input's own keys
  const value = resolveSerde('value', spec.value, from, name) as Serde<A>; // or the input's
  const retentionMs = checkedRetention(windows, spec.retention ?? 0);
  const rows = windowDefinition({ name, key, value, windows });
  const emission = windowEmission(emit, { name, key, value, windows, retentionMs, rows, stores });
  const node: OperatorNode = operatorNode<K, V, Windowed<K>, Change<A>>({
    kind,
    name,
    parents: [from.node],
    stores: [rows, ...stores, ...emission.stores],
    hasTimers: true,
    table: emission.table(() => node),
    detail: { windows, emit, retentionMs, ...spec.detail },
    onError,
    createProcessor(context) {
      const { everyMs, firstStart, lastStart, endOf } = windowPlaces(windows);
      const store = context.store(rows);
      const step = spec.step(name, context);
      const closedEnd = closedUpTo(context, windows);
      const { update, deleted, opened, onTimer, onCommit } = emission.create(context);
      return {
        ...(onTimer === undefined ? {} : { onTimer }),
        onCommit() {
          onCommit?.();
          context.advanceClosed(context.streamTimeMs - windows.graceMs);
        },
        process(record) {
          const { key, timestamp } = record;
          if (key === null) return context.drop(record, 'null-key');
          if (record.value === null || isNull?.(record)) return context.drop(record, 'null-value');
          // Stream time already includes this record, so no record closes its own window.
          const closedMs = closedEnd();
          const last = lastStart(timestamp);
          if (last > timestamp) return context.drop(record, 'before-window');
          if (endOf(last) <= closedMs) return context.drop(record, 'late');
          for (let startMs = firstStart(timestamp); startMs <= last; startMs += everyMs) {
            const endMs = endOf(startMs);
            if (endMs <= closedMs) {
              context.count('late-windows');
              continue;
            }
            const row = store.get(key, startMs, endMs);
            const next = step(row, record, startMs, endMs);
            if (next === unchanged) continue;
            if (row === undefined) {
              if (next === null) continue;
              opened(endMs);
            }
            // A row's time is the greatest of its records, whatever order they came in.
            const rowTime =
              row === undefined || row.timestamp < timestamp ? timestamp : row.timestamp;
            const newRow = next === null ? null : { value: next, timestamp: rowTime };
            store.put(key, startMs, endMs, newRow);
            if (update !== null) update({ key, startMs, endMs }, row, newRow, rowTime);
            else if (newRow === null) deleted?.({ key, startMs, endMs }, rowTime);
          }
        },
      };
    },
  });
  from.draft.add(node);
  tellLate(from, spec);
  return tableHandle(from, node, { key, value, windows, retentionMs });
}

function checkedRetention(windows: TimeWindows, retention: Duration): number {
  const retentionMs = durationMs(retention, 'retention');
  const sizeMs = 'sizeMs' in windows ? windows.sizeMs : 0;
  checkReach('size, grace and retention together', sizeMs, windows.graceMs, retentionMs);
  return retentionMs;
}

function tellLate<K, V, A>(from: Handle, spec: WindowedAggregationSpec<K, V, A>): void {
  if (spec.late === undefined) return;
  const late = lateStream<K, V>(from, spec);
  spec.late(from.draft.handles.stream(late));
}

interface WindowedRows {
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly windows: TimeWindows;
  readonly retentionMs: number;
}

function tableHandle({ draft }: Handle, node: OperatorNode, rows: WindowedRows): Handle {
  const { key, value, windows, retentionMs } = rows;
  const closeAfterMs = windows.kind === 'unlimited' ? null : windows.graceMs;
  return {
    draft,
    node,
    key: windowed(key, windows),
    value,
    windows: { key, closeAfterMs, retentionMs },
    isKeyChanged: false,
  };
}

function checkEmit(node: string, { kind }: TimeWindows, emit: WindowedEmitPolicy): void {
  if (kind !== 'unlimited' || emit.kind !== 'on-close') return;
  const message = `The window of '${node}' never closes, so onClose() would emit nothing: take another policy.`;
  throw new ConfigError('BAD_EMIT', message, { where: { node } });
}
