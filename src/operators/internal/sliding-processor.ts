import type { Change, Row, StreamRecord } from '../../core/model/record.ts';
import type { Windowed } from '../../core/model/windows.ts';
import { keyBytes } from '../../core/serde/key-identity.ts';
import type {
  OperatorContext,
  Processor,
  ProcessorContext,
} from '../../core/topology/processor.ts';
import { combinable } from './combining.ts';
import { slidingTimes, startsAround, twinStart } from './sliding-times.ts';
import { forgetTimer, type SlidingState } from './sliding-timers.ts';
import { type Step, unchanged } from './steps.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import type { WindowRows } from './window-rows.ts';
import { closedUpTo } from './window-time.ts';

export interface SlidingParts<K, V, A> extends WindowRows<K, A>, SlidingState<K, A> {
  readonly emission: WindowEmissionPlan<K, A>;
  readonly step: Step<K, V, A>;
  readonly isNull?: ((record: StreamRecord<K, V>) => boolean) | undefined;
}

/** Adds each record to the windows that hold it, and makes those that begin with it. */
export function slidingProcessor<K, V, A>(
  context: OperatorContext<Windowed<K>, Change<A>>,
  parts: SlidingParts<K, V, A>,
): Processor<K, V> {
  const { sizeMs, windows } = parts;
  const differenceMs = sizeMs - 1;
  const store = context.store(parts.rows);
  const bases = context.store(parts.bases);
  const times = slidingTimes(context.store(parts.times), sizeMs);
  const setForget = forgetTimer(context, sizeMs, windows.graceMs);
  const closedEnd = closedUpTo(context, windows);
  const contentAt = contents(context, parts, closedEnd);
  const { update, opened, onTimer, onCommit } = parts.emission.create(context);

  const folded = folding(combinable(parts.name, parts.step));
  const put = (key: K, startMs: number, row: Row<A> | undefined, newRow: Row<A>): void => {
    const endMs = startMs + sizeMs;
    if (row === undefined) opened(endMs);
    store.put(key, startMs, endMs, newRow);
    update?.({ key, startMs, endMs }, row, newRow, newRow.timestamp);
  };

  const accept = (
    record: StreamRecord<K, V>,
    near: readonly number[],
    open: readonly number[],
  ): void => {
    const { key, timestamp } = record;
    const firstOpen = closedEnd() - differenceMs;
    const isNew = !near.includes(timestamp);
    const rightStart = timestamp + 1;
    // Read before the windows are written that they are copied from.
    const right = isNew ? contentAt(key, rightStart, near) : undefined;
    const isBehind = Math.max(timestamp - differenceMs, 0) < firstOpen;
    const base = isBehind ? folded(contentAt(key, firstOpen, near), record) : null;
    for (const startMs of open) {
      const row = store.get(key, startMs, startMs + sizeMs);
      const newRow = folded(row ?? contentAt(key, startMs, near), record);
      if (newRow !== row) put(key, startMs, row, newRow);
    }
    if (right !== undefined && store.get(key, rightStart, rightStart + sizeMs) === undefined) {
      put(key, rightStart, undefined, right);
    }
    if (base !== null) {
      const value = { endMs: closedEnd(), value: base.value };
      bases.put(key, { value, timestamp: base.timestamp });
    }
    const newBucketEnd = isNew ? times.add(key, timestamp) : null;
    if (newBucketEnd !== null) setForget(newBucketEnd);
  };

  return {
    ...(onTimer === undefined ? {} : { onTimer }),
    onCommit() {
      onCommit?.();
      context.advanceClosed(context.streamTimeMs - windows.graceMs);
    },
    process(record) {
      const { key, timestamp } = record;
      if (key === null) return context.drop(record, 'null-key');
      const isNull = record.value === null || parts.isNull?.(record) === true;
      if (isNull) return context.drop(record, 'null-value');
      // Stream time already includes this record.
      const closedMs = closedEnd();
      const near = times.near(key, timestamp);
      const starts = startsAround(near, timestamp, differenceMs);
      const open = starts.filter((startMs) => startMs + sizeMs > closedMs);
      if (open.length === 0) return context.drop(record, 'late');
      for (let closed = starts.length - open.length; closed > 0; closed--) {
        context.count('late-windows');
      }
      accept(record, near, open);
    },
  };
}

/** A row with one more record; the row itself where that changes nothing. */
function folding<K, V, A>(aggregate: ReturnType<typeof combinable<K, V, A>>) {
  return (row: Row<A> | undefined, record: StreamRecord<K, V>): Row<A> => {
    const value = aggregate(row, record);
    if (value === unchanged) return row as Row<A>; // one that is there
    return { value, timestamp: Math.max(row?.timestamp ?? 0, record.timestamp) };
  };
}

/** A copy of what a window from `startMs` on would hold: no two rows may share a value. */
type ContentAt<K, A> = (key: K, startMs: number, near: readonly number[]) => Row<A> | undefined;

function contents<K, A>(
  context: Pick<ProcessorContext<never, never>, 'store'>,
  { rows, bases, sizeMs, value: serde }: WindowRows<K, A> & SlidingState<K, A>,
  closedEnd: () => number,
): ContentAt<K, A> {
  const store = context.store(rows);
  const held = context.store(bases);
  return (key, startMs, near) => {
    const twin = twinStart(near, startMs, sizeMs - 1);
    if (twin === null) return undefined;
    const endMs = twin + sizeMs;
    const base = endMs <= closedEnd() ? held.get(key) : undefined;
    const row =
      base !== undefined && base.value.endMs >= endMs
        ? { value: base.value.value, timestamp: base.timestamp }
        : store.get(key, twin, endMs);
    if (row === undefined || typeof row.value !== 'object') return row;
    return { value: serde.deserialize(keyBytes(serde, row.value)), timestamp: row.timestamp };
  };
}
