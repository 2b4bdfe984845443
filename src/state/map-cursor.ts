import { andThen } from '../core/model/maybe-promise.ts';
import type { ScanCursor } from '../core/task/state-port.ts';

/** The same cursor with other entries. */
export function mapCursor<A, B>(cursor: ScanCursor<A>, map: (entry: A) => B): ScanCursor<B> {
  return {
    next: (maxEntries) =>
      andThen(cursor.next(maxEntries), (entries): readonly B[] => entries.map(map)),
    close: () => cursor.close(),
  };
}
