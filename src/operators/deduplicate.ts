import { type Duration, durationMs } from '../core/model/duration.ts';
import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import { ConfigError } from '../core/model/errors.ts';
import { int64 } from '../core/serde/integers.ts';
import { string } from '../core/serde/string.ts';
import { keyValueStore, windowStore } from '../state/store-definitions.ts';
import type { Renamable } from './internal/renamable.ts';
import { bucketRemoval } from './internal/bucket-removal.ts';
import type { Handle } from './internal/handle.ts';
import { identityBy, type IdentityOptions } from './internal/identity.ts';
import { requireKeyInPlace } from './internal/key-place.ts';
import { operatorNode } from './internal/node.ts';
import { sideStreams } from './internal/side-streams.ts';
import { bucketEnd, checkReach } from './internal/time-bounds.ts';
import { timesSerde } from './internal/times-serde.ts';
import { closedUpTo } from './internal/window-time.ts';
import type { KStream } from './k-stream.ts';

export interface DeduplicateOptions<K, V, Id> extends IdentityOptions<K, V, Id>, Renamable {
  /** Names the node, its stores and their changelogs; a new name starts from empty stores. */
  readonly name: string;
  /** Records of one identity that are less than this apart are duplicates. Above 0. */
  readonly within: Duration;
  /** How far behind stream time a record is still judged. Default: as long as `within`. */
  readonly grace?: Duration;
  /** Given the stream of the records that came too late to be judged. */
  readonly late?: (stream: KStream<K, V>) => void;
  /** Given the stream of the duplicates. */
  readonly duplicates?: (stream: KStream<K, V>) => void;
  /** What to do when `by` throws. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
}

const widthKey = 'bucket';

/**
 * Lets the first record of each identity through and refuses those less than `within` away from
 * one that was let through. State: for each identity the times of what was let through, by stretch
 * of time, so that a few look-ups find all that are near, and a whole stretch goes at once. The
 * length of a stretch is kept: `within` may change, and old rows must still be found.
 */
export function deduplicate<K, V, Id>(from: Handle, options: DeduplicateOptions<K, V, Id>): Handle {
  const { name, late, duplicates, onError } = options;
  const { withinMs, graceMs } = timesOf(options);
  requireKeyInPlace(from, name);
  const { draft } = from;
  draft.renamed(options);
  const identity = identityBy(from, name, options);
  const times = windowStore({ name, key: identity.serde, value: timesSerde });
  const widths = keyValueStore({ name: `${name}-width`, key: string(), value: int64() });
  const sides = sideStreams(name, {
    late: late && ((side: Handle) => late(draft.handles.stream(side))),
    duplicates: duplicates && ((side: Handle) => duplicates(draft.handles.stream(side))),
  });
  const node = operatorNode<K, V, K, V>({
    kind: 'deduplicate',
    name,
    parents: [from.node],
    stores: [times, widths],
    hasTimers: true,
    detail: { withinMs, graceMs },
    onError,
    createProcessor(context) {
      const store = context.store(times);
      const width = context.store(widths);
      const closedEnd = closedUpTo(context, { graceMs });
      const removal = bucketRemoval(context, withinMs + graceMs);
      const isDuplicate = (id: unknown, timestamp: number, bucketMs: number): boolean => {
        const lastEnd = bucketEnd(bucketMs, timestamp + withinMs - 1);
        let end = bucketEnd(bucketMs, Math.max(timestamp - withinMs + 1, 0));
        for (; end <= lastEnd; end += bucketMs) {
          const accepted = store.get(id, 0, end)?.value ?? [];
          if (accepted.some((time) => Math.abs(timestamp - time) < withinMs)) return true;
        }
        return false;
      };
      return {
        process(record) {
          const id = identity.of(record);
          if (id === null) return context.drop(record, 'null-key');
          const { timestamp } = record;
          if (timestamp < closedEnd()) {
            return sides.refuse(context, record, { reason: 'late', side: 'late' });
          }
          const kept = width.get(widthKey)?.value;
          const bucketMs = kept ?? withinMs;
          if (isDuplicate(id, timestamp, bucketMs)) {
            return sides.refuse(context, record, { reason: 'duplicate', side: 'duplicates' });
          }
          if (kept === undefined) width.put(widthKey, { value: bucketMs, timestamp });
          const end = bucketEnd(bucketMs, timestamp);
          const accepted = store.get(id, 0, end)?.value ?? [];
          store.put(id, 0, end, { value: [...accepted, timestamp], timestamp });
          removal.set(end);
          context.forward(record, sides.main);
        },
        onTimer: (timer) => void removal.fire(timer, [store]),
        onCommit: () => context.advanceClosed(context.streamTimeMs - graceMs),
      };
    },
  });
  return sides.open({ ...from, node: draft.add(node) }, {});
}

function timesOf({ within, grace = within }: { within: Duration; grace?: Duration }) {
  const [withinMs, graceMs] = [durationMs(within, 'within'), durationMs(grace, 'grace')];
  if (withinMs === 0) throw new ConfigError('BAD_WINDOW', 'within must be above 0.');
  checkReach('within and grace together', withinMs, graceMs);
  return { withinMs, graceMs };
}
