import type { FiredTimer, ProcessorContext } from '../../core/topology/processor.ts';
import type { VersionedRows } from '../../state/versioned-store.ts';
import { endOfTimer, endTimer } from './end-timer.ts';
import { onlyEnd } from './window-rows.ts';

type PruningContext = Pick<ProcessorContext<never, never>, 'schedule' | 'streamTimeMs' | 'scan'>;

/** Removes versions that nobody can ask for any more, also of keys that never change again. */
export function versionPruning<K, V>(
  context: PruningContext,
  rows: VersionedRows<K, V>,
): (timer: FiredTimer) => void {
  const setPrune = endTimer(context, 'prune', (endMs) => rows.prunedAt(endMs));
  rows.watchLists(setPrune);
  return (timer) => {
    const endMs = endOfTimer(timer);
    // Set when the history was shorter than it is now.
    if (rows.prunedAt(endMs) > context.streamTimeMs) return setPrune(endMs);
    context.scan(rows.older, onlyEnd(endMs), ([list]) => rows.prune(list));
  };
}
