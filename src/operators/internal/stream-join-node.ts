import type { StreamRecord } from '../../core/model/record.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import { bucketRemoval } from './bucket-removal.ts';
import { type Joiner, undefinedValue } from './callbacks.ts';
import { appendRecord, recordAt, type RecordPages } from './record-pages.ts';
import type { SideStreams } from './side-streams.ts';
import { type StoredRecord, storedRecord } from './stored-record.ts';
import {
  endOf,
  type StreamJoinBounds,
  type StreamJoinSide,
  takeMatches,
} from './stream-join-rows.ts';
import { bucketEnd } from './time-bounds.ts';
import { unmatchedTimers } from './unmatched-timers.ts';
import { closedUpTo } from './window-time.ts';

export type StreamJoinKind = 'join' | 'left-join' | 'outer-join';

export interface StreamJoinSpec<K> {
  readonly name: string;
  readonly kind: StreamJoinKind;
  readonly bounds: StreamJoinBounds;
  readonly key: Serde<K>;
  readonly left: StoreDefinition<RecordPages<K, unknown>>;
  readonly right: StoreDefinition<RecordPages<K, unknown>>;
  /** Null stands for the side that an unmatched row does not have. */
  readonly joiner: Joiner<unknown, unknown, unknown, unknown>;
  readonly sides: SideStreams<'late-left' | 'late-right'>;
}

/** A record and which side it came from. */
export interface Sided<K> {
  readonly isLeft: boolean;
  readonly record: StreamRecord<K | null, unknown>;
}

export interface StreamJoin<K> {
  /** Why the record cannot be taken as one of that side; null if it can. */
  refusal(sided: Sided<K>): 'null-key' | 'null-value' | 'late' | null;
  /** Meets the rows of the other side, then becomes one of its own. */
  take(sided: Sided<K>): void;
  readonly hooks: Pick<Processor<unknown, unknown>, 'onTimer' | 'onCommit'>;
}

/**
 * Each record looks for the rows of the other side that are near enough and still open, then waits
 * among the rows of its own until its close time. State: the open rows of each side in lists by key
 * and stretch of time, so that what a record meets is found by a few look-ups, however many keys
 * and rows there are. A row of a side whose unmatched rows are wanted has a timer at its close
 * time; it looks whether somebody came.
 */
export function streamJoin<K>(
  context: ProcessorContext<K | null, unknown>,
  spec: StreamJoinSpec<K>,
): StreamJoin<K> {
  const { graceMs, bucketMs } = spec.bounds;
  const { left, right } = sidesOf(context, spec);
  const closedEnd = closedUpTo(context, spec.bounds);
  const unmatched = unmatchedTimers(spec.key, context);
  const removal = bucketRemoval(context, graceMs);
  const forward = forwarding(context, spec);

  const store = (key: K, { isLeft, record }: Sided<K>, isMatched: boolean): void => {
    const side = isLeft ? left : right;
    const end = endOf(side, record.timestamp);
    const endMs = bucketEnd(bucketMs, end);
    const position = appendRecord(side.store, { key, endMs }, storedRecord(record, isMatched));
    removal.set(endMs);
    if (isMatched || !side.isWanted) return;
    unmatched.set({ key, isLeft, endMs, position }, end + graceMs);
  };

  return {
    refusal({ isLeft, record: { key, value, timestamp } }) {
      const side = isLeft ? left : right;
      if (value === null) return key === null && !side.isWanted ? 'null-key' : 'null-value';
      if (endOf(side, timestamp) <= closedEnd()) return 'late';
      return key === null && !side.isWanted ? 'null-key' : null;
    },
    take(sided) {
      const { isLeft, record } = sided;
      const { key, timestamp } = record;
      if (key === null) return forward(sided, null);
      const { streamTimeMs } = context;
      const range = { key, timestamp, closedMs: closedEnd(), streamTimeMs };
      const matches = takeMatches(isLeft ? right : left, range);
      store(key, sided, matches.length > 0);
      for (const other of matches) forward(sided, other);
    },
    hooks: {
      onTimer(timer) {
        if (removal.fire(timer, [left.store, right.store])) return;
        const place = unmatched.read(timer);
        if (place === null) return;
        const side = place.isLeft ? left : right;
        const row = recordAt(side.store, place, place.position);
        if (row === undefined || row.isMatched) return;
        const end = endOf(side, row.timestamp);
        // Set when the grace was shorter than it is now.
        if (end > closedEnd()) return unmatched.set(place, end + graceMs);
        forward({ isLeft: place.isLeft, record: { ...row, key: place.key } }, null);
      },
      onCommit: () => context.advanceClosed(context.streamTimeMs - graceMs),
    },
  };
}

function sidesOf<K>(
  context: ProcessorContext<never, never>,
  { kind, bounds, left, right }: StreamJoinSpec<K>,
): Readonly<Record<'left' | 'right', StreamJoinSide<K, unknown>>> {
  return {
    left: {
      store: context.store(left),
      bounds,
      reachMs: bounds.afterMs,
      isWanted: kind !== 'join',
    },
    right: {
      store: context.store(right),
      bounds,
      reachMs: bounds.beforeMs,
      isWanted: kind === 'outer-join',
    },
  };
}

/** Forwards a record with its partner: its own headers, the greater time of the two. */
function forwarding<K>(
  context: ProcessorContext<K | null, unknown>,
  { name, joiner, sides }: StreamJoinSpec<K>,
) {
  return ({ isLeft, record }: Sided<K>, other: StoredRecord<unknown> | null): void => {
    const { key, headers } = record;
    const partner = other === null ? null : other.value;
    const value = isLeft ? joiner(record.value, partner, key) : joiner(partner, record.value, key);
    if (value === undefined) throw undefinedValue(name, 'joiner');
    const timestamp = Math.max(record.timestamp, other?.timestamp ?? 0);
    context.forward({ key, value, timestamp, headers }, sides.main);
  };
}
