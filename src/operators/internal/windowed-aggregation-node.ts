import { durationMs } from '../../core/model/duration.ts';
import type { Change } from '../../core/model/record.ts';
import type { TimeWindows, Windowed } from '../../core/model/windows.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { windowed } from '../../core/serde/windowed.ts';
import type { OperatorNode } from '../../core/topology/plan.ts';
import type { WindowedAggregationOptions } from './aggregation-options.ts';
import type { Handle } from './handle.ts';
import { lateStream } from './late-stream.ts';
import { operatorNode } from './node.ts';
import { byItsKey } from './repartition-node.ts';
import { resolveSerde } from './resolve-serde.ts';
import { type Step, unchanged } from './steps.ts';
import { windowDefinition } from './stores.ts';
import { windowEmission } from './window-emission.ts';
import { closedUpTo, firstStart, lastStart } from './window-time.ts';

export interface WindowedAggregationSpec<K, V, A> extends WindowedAggregationOptions<K, V> {
  readonly kind: string;
  readonly windows: TimeWindows;
  /** Left out: the input's. */
  readonly value?: Serde<A>;
  /** What `describe()` shows besides windows, emission and retention. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Given the node's name for its errors. */
  readonly step: (node: string) => Step<K, V, A>;
}

/** One row per key and window, changed by each record that the window takes. */
export function windowedAggregationNode<K, V, A>(
  grouped: Handle,
  spec: WindowedAggregationSpec<K, V, A>,
): Handle {
  const { kind, name, windows, emit = { kind: 'on-update' }, onError } = spec;
  const from = byItsKey(grouped, { name: `${name}-input` });
  const key = resolveSerde('key', undefined, from, name) as Serde<K>; // the input's own keys
  const value = resolveSerde('value', spec.value, from, name) as Serde<A>; // or the input's
  const retentionMs = durationMs(spec.retention ?? 0);
  const rows = windowDefinition({ name, key, value, windows });
  const emission = windowEmission(emit, { name, key, value, windows, retentionMs, rows });
  const node: OperatorNode = operatorNode<K, V, Windowed<K>, Change<A>>({
    kind,
    name,
    parents: [from.node],
    stores: [rows, ...emission.stores],
    hasTimers: true,
    table: emission.table(() => node),
    detail: { windows, emit, retentionMs, ...spec.detail },
    onError,
    createProcessor(context) {
      const { sizeMs, everyMs, graceMs } = windows;
      const store = context.store(rows);
      const step = spec.step(name);
      const closedEnd = closedUpTo(context, windows);
      const { update, deleted, opened, onTimer, onCommit } = emission.create(context);
      return {
        ...(onTimer === undefined ? {} : { onTimer }),
        onCommit() {
          onCommit?.();
          context.advanceClosed(context.streamTimeMs - graceMs);
        },
        process(record) {
          const { key, timestamp } = record;
          if (key === null) return context.drop(record, 'null-key');
          if (record.value === null) return context.drop(record, 'null-value');
          // Stream time already includes this record, so no record closes its own window.
          const closedMs = closedEnd();
          const last = lastStart(windows, timestamp);
          if (last + sizeMs <= closedMs) return context.drop(record, 'late');
          for (let startMs = firstStart(windows, timestamp); startMs <= last; startMs += everyMs) {
            const endMs = startMs + sizeMs;
            if (endMs <= closedMs) {
              context.count('late-windows');
              continue;
            }
            const row = store.get(key, startMs, endMs);
            const next = step(row, record);
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
  if (spec.late !== undefined) {
    const late = lateStream<K, V>(from, name, windows);
    spec.late(from.draft.handles.stream(late));
  }
  return { draft: from.draft, node, key: windowed(key, windows), value, isKeyChanged: false };
}
