import { noSessions, type OpenSessionsDefinition, without } from './open-sessions.ts';
import type { DueRows } from './window-rows.ts';
import { timersByRow, type WindowTimersOf } from './window-timers.ts';

/** A session that closes is one that its key has open no longer. */
export function sessionTimers<K, V>(sessions: OpenSessionsDefinition<K>): WindowTimersOf<K, V> {
  return (context, spec, turns) => {
    const lists = context.store(sessions);
    return timersByRow(context, spec, {
      close(due) {
        const closing: DueRows<K, V> = (visit) =>
          due((entry) => {
            const { key, startMs } = entry[0];
            const list = lists.get(key);
            const left = without(list?.value ?? noSessions, startMs);
            if (list !== undefined) {
              lists.put(key, left.length === 0 ? null : { ...list, value: left });
            }
            visit(entry);
          });
        if (turns.close === null) closing(() => undefined);
        else turns.close(closing);
      },
      expire: turns.expire,
    });
  };
}
