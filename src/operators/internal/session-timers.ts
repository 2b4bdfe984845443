import { keyBytes } from '../../core/serde/key-identity.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { Windowed } from '../../core/model/windows.ts';
import {
  firstSession,
  type OpenSessions,
  type OpenSessionsDefinition,
  timeAt,
} from './open-sessions.ts';
import { orderedWindowKey } from './ordered-window-key.ts';
import { type DueRows, expiryOf, getRow } from './window-rows.ts';
import type { TimerContext, WindowTimersOf } from './window-timers.ts';

type Scheduling = Pick<TimerContext, 'schedule'>;

/** The list with its timer: it fires no later than the first session of the key closes. */
export function withTimer<K>(
  context: Scheduling,
  { key, closeDelayMs }: { readonly key: Serde<K>; readonly closeDelayMs: number },
  of: K,
  open: OpenSessions,
): OpenSessions {
  const dueMs = timeAt(open, firstSession + 1) + 1 + closeDelayMs;
  if (timeAt(open, 0) <= dueMs) return open;
  context.schedule({ at: dueMs, name: 'close', key: keyBytes(key, of) });
  return open.with(0, dueMs);
}

/**
 * One timer for each key, set for the close that was its first to come. Sessions grow, so a timer
 * often fires too early and is set again: once in a session's life instead of once per record.
 */
export function sessionTimers<K, V>(sessions: OpenSessionsDefinition<K>): WindowTimersOf<K, V> {
  return (context, spec, turns) => {
    const store = context.store(spec.rows);
    const lists = context.store(sessions);
    const windowKey = orderedWindowKey(spec.key);
    const closeDelayMs = spec.windows.graceMs;

    const dueRow =
      (windowed: Windowed<K>): DueRows<K, V> =>
      (visit) => {
        const row = getRow(store, windowed);
        if (row !== undefined) visit([windowed, row]);
      };

    const setExpire = (windowed: Windowed<K>): void => {
      const at = expiryOf(spec, windowed.endMs);
      context.schedule({ at, name: 'expire', key: keyBytes(windowKey, windowed) });
    };

    const expire = (windowed: Windowed<K>): void => {
      // Set when grace or retention was shorter than it is now.
      if (expiryOf(spec, windowed.endMs) > context.streamTimeMs) setExpire(windowed);
      else turns.expire(dueRow(windowed));
    };

    const close = (key: K): void => {
      const list = lists.get(key);
      if (list === undefined) return;
      const open = list.value;
      let at = firstSession;
      for (; at < open.length; at += 2) {
        const windowed = { key, startMs: timeAt(open, at), endMs: timeAt(open, at + 1) + 1 };
        if (windowed.endMs + closeDelayMs > context.streamTimeMs) break;
        turns.close?.(dueRow(windowed));
        if (spec.retentionMs > 0) setExpire(windowed);
      }
      if (at >= open.length) return lists.put(key, null);
      const left = [Infinity, ...open.slice(at)];
      const value = withTimer(context, { key: spec.key, closeDelayMs }, key, left);
      lists.put(key, { value, timestamp: list.timestamp });
    };

    return {
      opened: () => undefined,
      onTimer({ name, key }) {
        // Set by `every()`, which was the policy before a restart.
        if (key === null) return;
        if (name === 'expire') expire(windowKey.deserialize(key));
        else close(spec.key.deserialize(key));
      },
    };
  };
}
