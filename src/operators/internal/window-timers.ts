import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
import { expiryOf, type WindowRows } from './window-rows.ts';

/** What is done for all rows whose windows have one end. */
export interface WindowTurns {
  readonly close: (endMs: number) => void;
  /** Called only where rows are retained beyond the close. */
  readonly expire: (endMs: number) => void;
}

export interface WindowTimers {
  /** Called for each new row. */
  readonly opened: (endMs: number) => void;
  readonly onTimer: (timer: FiredTimer) => void;
}

/** Where a close tells nothing: rows are removed once, at the end of their retention. */
export function removalAtTheEnd(retentionMs: number, remove: (endMs: number) => void): WindowTurns {
  return { close: retentionMs > 0 ? () => undefined : remove, expire: remove };
}

type TimerContext = Pick<ProcessorContext<never, never>, 'schedule' | 'streamTimeMs'>;

/**
 * The timers of a windowed store: one for each window end, at its close, and one at the end of the
 * retention. They are the same under every policy, so that a policy may be changed while windows
 * are open.
 */
export function windowTimers<K, V>(
  context: TimerContext,
  spec: WindowRows<K, V>,
  turns: WindowTurns,
): WindowTimers {
  const closeOf = (endMs: number): number => endMs + spec.windows.graceMs;
  const setClose = endTimer(context, 'close', closeOf);
  const setExpire = endTimer(context, 'expire', (endMs) => expiryOf(spec, endMs));
  return {
    opened: setClose,
    onTimer(timer) {
      const endMs = endOfTimer(timer);
      const isClose = timer.name === 'close';
      const dueMs = isClose ? closeOf(endMs) : expiryOf(spec, endMs);
      // Set when grace or retention was shorter than it is now.
      if (dueMs > context.streamTimeMs) return (isClose ? setClose : setExpire)(endMs);
      if (!isClose) return turns.expire(endMs);
      turns.close(endMs);
      if (spec.retentionMs > 0) setExpire(endMs);
    },
  };
}
