import type { StreamRecord } from '../../core/model/record.ts';
import type { Serde } from '../../core/serde/serde.ts';
import type { StoreDefinition } from '../../core/task/state-port.ts';
import type { Processor, ProcessorContext } from '../../core/topology/processor.ts';
import { bucketRemoval } from './bucket-removal.ts';
import { undefinedValue } from './callbacks.ts';
import { appendRecord, countRecords, recordAt, type RecordPages } from './record-pages.ts';
import type { SideStreams } from './side-streams.ts';
import { storedRecord } from './stored-record.ts';
import { type StreamJoinBounds, type StreamJoinSide, takeMatches } from './stream-join-rows.ts';
import { bucketEnd } from './time-bounds.ts';
import { unmatchedTimers } from './unmatched-timers.ts';
import { closedUpTo } from './window-time.ts';

export type StreamJoinKind = 'join' | 'left-join' | 'outer-join';

type Joiner = (left: unknown, right: unknown, key: unknown) => unknown;

export interface StreamJoinSpec<K> {
  readonly name: string;
  readonly kind: StreamJoinKind;
  readonly bounds: StreamJoinBounds;
  readonly key: Serde<K>;
  readonly left: StoreDefinition<RecordPages<K, unknown>>;
  readonly right: StoreDefinition<RecordPages<K, unknown>>;
  readonly joiner: Joiner;
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
  { name, kind, bounds, key: serde, joiner, ...spec }: StreamJoinSpec<K>,
): StreamJoin<K> {
  const { graceMs, beforeMs, afterMs } = bounds;
  const stores = { left: context.store(spec.left), right: context.store(spec.right) };
  const isOuter = kind === 'outer-join';
  const left: StreamJoinSide<K, unknown> = {
    store: stores.left,
    bounds,
    reachMs: afterMs,
    isWanted: kind !== 'join',
  };
  const right: StreamJoinSide<K, unknown> = {
    store: stores.right,
    bounds,
    reachMs: beforeMs,
    isWanted: isOuter,
  };
  const closedEnd = closedUpTo(context, bounds);
  const unmatched = unmatchedTimers(serde, context);
  const removal = bucketRemoval(context, graceMs);

  const forward = (
    record: Omit<StreamRecord<K | null, unknown>, 'value'>,
    values: readonly [left: unknown, right: unknown],
  ): void => {
    const { key, timestamp, headers } = record;
    const value = joiner(values[0], values[1], key);
    if (value === undefined) throw undefinedValue(name, 'joiner');
    context.forward({ key, value, timestamp, headers }, spec.sides.main);
  };

  const store = (key: K, { isLeft, record }: Sided<K>, isMatched: boolean): void => {
    const side = isLeft ? left : right;
    const end = record.timestamp + side.reachMs + 1;
    const endMs = bucketEnd(bounds.bucketMs, end);
    const position = appendRecord(side.store, { key, endMs }, storedRecord(record, isMatched));
    removal.set(endMs);
    if (isMatched || !side.isWanted) return;
    // Rows of both sides may be due together, so the arrival counts those of both.
    const others = isOuter ? countRecords((isLeft ? right : left).store, key, endMs) : 0;
    unmatched.set({ key, isLeft, endMs, position }, end + graceMs, position + others);
  };

  return {
    refusal({ isLeft, record: { key, value, timestamp } }) {
      const side = isLeft ? left : right;
      if (value === null) return key === null && !side.isWanted ? 'null-key' : 'null-value';
      if (timestamp + side.reachMs + 1 <= closedEnd()) return 'late';
      return key === null && !side.isWanted ? 'null-key' : null;
    },
    take(sided) {
      const { isLeft, record } = sided;
      const { key, value, timestamp, headers } = record;
      if (key === null) return forward(record, isLeft ? [value, null] : [null, value]);
      const range = { key, timestamp, closedMs: closedEnd() };
      const matches = takeMatches(isLeft ? right : left, range);
      store(key, sided, matches.length > 0);
      for (const other of matches) {
        const pair = { key, timestamp: Math.max(timestamp, other.timestamp), headers };
        forward(pair, isLeft ? [value, other.value] : [other.value, value]);
      }
    },
    hooks: {
      onTimer(timer) {
        if (removal.fire(timer, [stores.left, stores.right])) return;
        const place = unmatched.read(timer);
        if (place === null) return;
        const side = place.isLeft ? left : right;
        const row = recordAt(side.store, place, place.position);
        if (row === undefined || row.isMatched) return;
        const closeTime = row.timestamp + side.reachMs + 1 + graceMs;
        if (closeTime > context.streamTimeMs) {
          // Set when the grace was shorter than it is now.
          unmatched.again(timer, closeTime);
          return;
        }
        const record = { ...row, key: place.key };
        forward(record, place.isLeft ? [row.value, null] : [null, row.value]);
      },
      onCommit: () => context.advanceClosed(context.streamTimeMs - graceMs),
    },
  };
}
