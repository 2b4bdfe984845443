import type { FiredTimer, ProcessorContext, TimerRequest } from '../../core/topology/processor.ts';
import { type DueRows, expiryOf, onlyEnd, removeRow, type WindowRows } from './window-rows.ts';

/** What is done with the rows whose time has come. */
export interface WindowTurns<K, V> {
  /** Null where a close tells nothing. */
  readonly close: ((due: DueRows<K, V>) => void) | null;
  /** Called only where rows are retained beyond the close. */
  readonly expire: (due: DueRows<K, V>) => void;
}

export interface WindowTimers {
  /** Called for each new row. */
  readonly opened: (endMs: number) => void;
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
  ProcessorContext<never, never>,
  'schedule' | 'streamTimeMs' | 'scan' | 'store'
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

/** One timer for each window end, at its close, and one at the end of the retention. */
export function timersByEnd<K, V>(
  context: TimerContext,
  spec: WindowRows<K, V>,
  turns: WindowTurns<K, V>,
): WindowTimers {
  const store = context.store(spec.rows);
  const closeOf = (endMs: number): number => endMs + spec.windows.graceMs;
  const setClose = endTimer(context, 'close', closeOf);
  const setExpire = endTimer(context, 'expire', (endMs) => expiryOf(spec, endMs));
  const besides = (spec.stores ?? []).map((definition) => context.store(definition));
  return {
    opened: setClose,
    onTimer(timer) {
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
    },
  };
}

/**
 * Sets the one timer that serves all windows with one end. Most new rows have the end of the row
 * before: that request is kept, which changes no result.
 */
export function endTimer(
  context: Pick<TimerContext, 'schedule'>,
  name: string,
  dueOf: (endMs: number) => number,
): (endMs: number) => void {
  let lastEndMs = NaN;
  let request: TimerRequest = { name, at: NaN };
  return (endMs) => {
    if (endMs !== lastEndMs) {
      const key = Buffer.allocUnsafe(8);
      key.writeBigInt64BE(BigInt(endMs));
      request = Object.freeze({ at: dueOf(endMs), name, key });
      lastEndMs = endMs;
    }
    context.schedule(request);
  };
}

/** The window end that a timer was set for. */
export function endOfTimer({ key }: FiredTimer): number {
  // Set by `every()`, which was the policy before a restart: no window ends at -1.
  if (key === null) return -1;
  return Number(new DataView(key.buffer, key.byteOffset, 8).getBigInt64(0));
}
