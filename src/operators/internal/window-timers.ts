import type { FiredTimer, OperatorContext, WindowEnds } from '../../core/topology/processor.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
import { type DueRows, expiryOf, onlyEnd, removeRow, type WindowRows } from './window-rows.ts';

/** What is done with the rows whose time has come. */
export interface WindowTurns<K, V> {
  /** Null where a close tells nothing. */
  readonly close: ((due: DueRows<K, V>) => void) | null;
  /** Called only where rows are retained beyond the close. */
  readonly expire: (due: DueRows<K, V>) => void;
}

/** Told of each new row, and of each that goes before its end. */
export interface WindowTimers extends WindowEnds {
  readonly onTimer: (timer: FiredTimer) => void;
}

/** Where a close tells nothing: rows are removed once, at the end of their retention. */
export function removalAtTheEnd<K, V>(
  retentionMs: number,
  remove: (due: DueRows<K, V>) => void,
): WindowTurns<K, V> {
  return { close: retentionMs > 0 ? null : remove, expire: remove };
}

export type TimerContext = Pick<
  OperatorContext<never, never>,
  'schedule' | 'streamTimeMs' | 'scan' | 'store' | 'ends'
>;

/** The timers of one kind of window, the same under every policy: it may be changed any time. */
export type WindowTimersOf<K, V> = (
  context: TimerContext,
  spec: WindowRows<K, V>,
  turns: WindowTurns<K, V>,
) => WindowTimers;

export function windowTimers<K, V>(
  context: TimerContext,
  spec: WindowRows<K, V>,
  turns: WindowTurns<K, V>,
): WindowTimers {
  return (spec.timers ?? timersByEnd)(context, spec, turns);
}

/** For windows of few ends: one timer for each, at its close, and one behind its retention. */
function timersByEnd<K, V>(
  context: TimerContext,
  spec: WindowRows<K, V>,
  turns: WindowTurns<K, V>,
): WindowTimers {
  const closeOf = (endMs: number): number => endMs + spec.windows.graceMs;
  const opened = endTimer(context, 'close', closeOf);
  return { opened, left: () => undefined, onTimer: atEnds(context, spec, turns, opened) };
}

/** For windows of ends of their own: when they close is read from where they are. */
export function timersByRow<K, V>(
  context: TimerContext,
  spec: WindowRows<K, V>,
  turns: WindowTurns<K, V>,
): WindowTimers {
  const ends = context.ends(context.store(spec.rows), spec.windows.graceMs);
  return {
    opened: (endMs) => ends.opened(endMs),
    left: (endMs) => ends.left(endMs),
    onTimer: atEnds(context, spec, turns, () => undefined),
  };
}

function atEnds<K, V>(
  context: TimerContext,
  spec: WindowRows<K, V>,
  turns: WindowTurns<K, V>,
  setClose: (endMs: number) => void,
): (timer: FiredTimer) => void {
  const store = context.store(spec.rows);
  const closeOf = (endMs: number): number => endMs + spec.windows.graceMs;
  const setExpire = endTimer(context, 'expire', (endMs) => expiryOf(spec, endMs));
  const besides = (spec.stores ?? []).map((definition) => context.store(definition));
  return (timer) => {
    const endMs = endOfTimer(timer);
    const due: DueRows<K, V> = (visit) => context.scan(store, onlyEnd(endMs), visit);
    const isClose = timer.name === 'close';
    const dueMs = isClose ? closeOf(endMs) : expiryOf(spec, endMs);
    // Set when grace or retention was shorter than it is now.
    if (dueMs > context.streamTimeMs) return (isClose ? setClose : setExpire)(endMs);
    if (!isClose) return turns.expire(due);
    turns.close?.(due);
    for (const rows of besides) {
      context.scan(rows, onlyEnd(endMs), ([windowed]) => removeRow(rows, windowed));
    }
    if (spec.retentionMs > 0) setExpire(endMs);
  };
}
