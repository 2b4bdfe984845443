import type { Change, Row, StreamRecord } from '../../core/model/record.ts';
import type { Windowed } from '../../core/model/windows.ts';
import type { OperatorContext, Processor } from '../../core/topology/processor.ts';
import { combinable } from './combining.ts';
import {
  metSessions,
  type MetSessions,
  noSessions,
  type OpenSessions,
  type OpenSessionsDefinition,
  timeAt,
} from './open-sessions.ts';
import { type Merger, type Step, unchanged } from './steps.ts';
import type { WindowEmissionPlan } from './window-emission.ts';
import type { WindowRows } from './window-rows.ts';
import { closedUpTo } from './window-time.ts';

export interface SessionParts<K, V, A> extends WindowRows<K, A> {
  readonly gapMs: number;
  readonly sessions: OpenSessionsDefinition<K>;
  readonly emission: WindowEmissionPlan<K, A>;
  readonly step: Step<K, V, A>;
  readonly merge: Merger<K, A>;
  readonly isNull?: ((record: StreamRecord<K, V>) => boolean) | undefined;
}

/** Places each record in the sessions it meets, or in one of its own. */
export function sessionProcessor<K, V, A>(
  context: OperatorContext<Windowed<K>, Change<A>>,
  parts: SessionParts<K, V, A>,
): Processor<K, V> {
  const { name, rows, sessions, windows, gapMs, emission, step, merge, isNull } = parts;
  const closeDelayMs = windows.graceMs;
  const store = context.store(rows);
  const lists = context.store(sessions);
  const aggregate = combinable(name, step);
  const closedEnd = closedUpTo(context, windows);
  const { update, opened, left, onTimer, onCommit } = emission.create(context);

  const rowAt = (of: K, open: OpenSessions, at: number): Row<A> | undefined =>
    store.get(of, timeAt(open, at), timeAt(open, at + 1) + 1);

  /** The sessions met as one row, combined from left to right. */
  const combined = (of: K, open: OpenSessions, { from, to }: MetSessions): Row<A> | undefined => {
    let row = from < to ? rowAt(of, open, from) : undefined;
    for (let at = from + 2; at < to; at += 2) {
      const next = rowAt(of, open, at);
      if (row === undefined || next === undefined) continue;
      row = { value: merge(row.value, next.value, of), timestamp: next.timestamp };
    }
    return row;
  };

  const removeMerged = (of: K, open: OpenSessions, { from, to }: MetSessions): void => {
    for (let at = from; at < to; at += 2) {
      const last = timeAt(open, at + 1);
      const windowed = { key: of, startMs: timeAt(open, at), endMs: last + 1 };
      const row = update === null ? undefined : rowAt(of, open, at);
      store.put(of, windowed.startMs, windowed.endMs, null);
      left(windowed.endMs);
      update?.(windowed, row, null, last);
    }
  };

  const accept = (record: StreamRecord<K, V>, open: OpenSessions, met: MetSessions): void => {
    const { key: of, timestamp } = record;
    const { from, to } = met;
    const before = combined(of, open, met);
    const next = aggregate(before, record);
    const first = from < to ? Math.min(timeAt(open, from), timestamp) : timestamp;
    const last = from < to ? Math.max(timeAt(open, to - 1), timestamp) : timestamp;
    const isSame =
      to === from + 2 && first === timeAt(open, from) && last === timeAt(open, from + 1);
    if (next === unchanged && isSame) return;
    const value = next === unchanged ? (before as Row<A>).value : next; // of a row that is there
    if (!isSame) {
      removeMerged(of, open, met);
      lists.put(of, { value: open.toSpliced(from, to - from, first, last), timestamp });
      opened(last + 1);
    }
    const newRow = { value, timestamp: last };
    store.put(of, first, last + 1, newRow);
    const windowed = { key: of, startMs: first, endMs: last + 1 };
    update?.(windowed, isSame ? before : undefined, newRow, last);
  };

  return {
    ...(onTimer === undefined ? {} : { onTimer }),
    onCommit() {
      onCommit?.();
      context.advanceClosed(context.streamTimeMs - closeDelayMs);
    },
    process(record) {
      if (record.key === null) return context.drop(record, 'null-key');
      if (record.value === null || isNull?.(record)) return context.drop(record, 'null-value');
      // Stream time already includes this record.
      const closedMs = closedEnd();
      const open = lists.get(record.key)?.value ?? noSessions;
      const met = metSessions(open, record.timestamp, { gapMs, closedMs });
      if (met.from === met.to && record.timestamp < closedMs) return context.drop(record, 'late');
      accept(record, open, met);
    },
  };
}
