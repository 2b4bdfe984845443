import { durationMs } from '../../core/model/duration.ts';
import type { Change } from '../../core/model/record.ts';
import type { SlidingWindows } from '../../core/model/sliding-windows.ts';
import type { Windowed } from '../../core/model/windows.ts';
import type { Serde } from '../../core/serde/serde.ts';
import { windowed } from '../../core/serde/windowed.ts';
import type { OperatorNode } from '../../core/topology/plan.ts';
import { windowStore } from '../../state/store-definitions.ts';
import type { Handle } from './handle.ts';
import { operatorNode } from './node.ts';
import { byItsKey } from './repartition-node.ts';
import { resolveSerde } from './resolve-serde.ts';
import { slidingBasesDefinition } from './sliding-base.ts';
import { slidingProcessor } from './sliding-processor.ts';
import {
  slidingTimes,
  type SlidingTimesDefinition,
  slidingTimesDefinition,
  startsAround,
} from './sliding-times.ts';
import { slidingTimers } from './sliding-timers.ts';
import { stateLateStream } from './state-late-stream.ts';
import { checkReach } from './time-bounds.ts';
import { windowEmission } from './window-emission.ts';
import type { WindowedAggregationSpec } from './windowed-aggregation-node.ts';

export interface SlidingAggregationSpec<K, V, A> extends Omit<
  WindowedAggregationSpec<K, V, A>,
  'windows'
> {
  readonly windows: SlidingWindows;
}

/**
 * One row per key and window. Which windows there are follows from the times of the accepted
 * records, kept in buckets. The row of a new window is copied from the one that holds the same
 * records, for these are not kept.
 */
export function slidingAggregationNode<K, V, A>(
  grouped: Handle,
  spec: SlidingAggregationSpec<K, V, A>,
): Handle {
  const { kind, name, windows, emit = { kind: 'on-update' }, onError } = spec;
  const { differenceMs } = windows;
  const sizeMs = differenceMs + 1;
  grouped.draft.renamed(spec);
  const from = byItsKey(grouped, { name: `${name}-input` });
  const key = resolveSerde('key', undefined, from, name) as Serde<K>; // the input's own keys
  const value = resolveSerde('value', spec.value, from, name) as Serde<A>; // or the input's
  const state = {
    sizeMs,
    times: slidingTimesDefinition(name, key, sizeMs),
    bases: slidingBasesDefinition(name, key, value),
  };
  const rows = {
    name,
    key,
    value,
    rows: windowStore({ name, key, value, detail: { kind: windows.kind, differenceMs } }),
    windows,
    retentionMs: durationMs(spec.retention ?? 0, 'retention'),
    timers: slidingTimers(state),
  };
  checkReach('difference, grace and retention together', sizeMs, windows.graceMs, rows.retentionMs);
  const emission = windowEmission(emit, rows);
  const late = spec.late === undefined ? null : lateRecords<K, V, A>(from, spec, state.times);
  const node: OperatorNode = operatorNode<K, V, Windowed<K>, Change<A>>({
    kind,
    name,
    parents: [from.node],
    stores: [rows.rows, state.times, state.bases, ...emission.stores],
    hasTimers: true,
    table: emission.table(() => node),
    detail: { windows, emit, retentionMs: rows.retentionMs },
    onError,
    createProcessor(context) {
      const step = spec.step(name, context);
      const { isNull } = spec;
      return slidingProcessor(context, { ...rows, ...state, emission, step, isNull });
    },
  });
  from.draft.add(node);
  if (late !== null) spec.late?.(from.draft.handles.stream(late));
  return {
    draft: from.draft,
    node,
    key: windowed(key, { sizeMs }),
    value,
    isKeyChanged: false,
    windows: { key, closeAfterMs: windows.graceMs, retentionMs: rows.retentionMs },
  };
}

function lateRecords<K, V, A>(
  from: Handle,
  { name, windows: { differenceMs, graceMs }, isNull }: SlidingAggregationSpec<K, V, A>,
  definition: SlidingTimesDefinition<K>,
): Handle {
  const sizeMs = differenceMs + 1;
  return stateLateStream<K, V>(from, {
    aggregation: name,
    isNull,
    closeDelayMs: graceMs,
    stores: [definition],
    createIsLate(context) {
      const times = slidingTimes(context.store(definition), sizeMs);
      return ({ key, timestamp }, closedMs) => {
        // The window that ends with the record is the first of those that would hold it.
        if (Math.max(timestamp - differenceMs, 0) + sizeMs > closedMs) return false;
        const starts = startsAround(times.near(key, timestamp), timestamp, differenceMs);
        return starts.every((startMs) => startMs + sizeMs <= closedMs);
      };
    },
  });
}
