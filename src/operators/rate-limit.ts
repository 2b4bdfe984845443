import { type Duration, durationMs } from '../core/model/duration.ts';
import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import { ConfigError } from '../core/model/errors.ts';
import { keyBytes } from '../core/serde/key-identity.ts';
import type { Serde } from '../core/serde/serde.ts';
import { keyValueStore } from '../state/store-definitions.ts';
import type { Renamable } from './internal/renamable.ts';
import type { Handle } from './internal/handle.ts';
import { identityBy, type IdentityOptions } from './internal/identity.ts';
import { requireKeyInPlace } from './internal/key-place.ts';
import { operatorNode } from './internal/node.ts';
import { resolveSerde } from './internal/resolve-serde.ts';
import type { Defined } from './internal/serdes.ts';
import { sideStreams } from './internal/side-streams.ts';
import { checkReach } from './internal/time-bounds.ts';
import { timesSerde } from './internal/times-serde.ts';
import { waitingRecords } from './internal/waiting-records.ts';
import type { KStream } from './k-stream.ts';

export interface RateLimitOptions<K, V> extends IdentityOptions<K, V, Defined>, Renamable {
  /** Names the node, its stores and their changelogs; a new name starts from empty stores. */
  readonly name: string;
  /** So many records of a key pass in any stretch of `per`. A whole number, 1 to 10,000. */
  readonly limit: number;
  /** The stretch of stream time. Above 0. */
  readonly per: Duration;
  /** How long what is above the limit may wait until it passes, in stream time. Default 0. */
  readonly maxDelay?: Duration;
  /** Of what waits; to be given where the stream does not know it. */
  readonly value?: Serde<NonNullable<Defined>>;
  /** Given the stream of the records that were dropped. */
  readonly excess?: (stream: KStream<K, V>) => void;
  /** What to do when `by` throws. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
}

/** The times of as many records are one row. */
const maxLimit = 10_000;

/**
 * Lets at most `limit` records of a key pass in any stretch of `per`. State: for each key the
 * stream times at which the last `limit` of them pass, which may be still to come. The next may
 * pass `per` after the first of these; so the times never decrease, and what waits keeps its order.
 */
export function rateLimit<K, V>(from: Handle, options: RateLimitOptions<K, V>): Handle {
  const { name, limit, excess, onError } = options;
  const { perMs, maxDelayMs } = timesOf(options);
  requireKeyInPlace(from, name);
  const { draft } = from;
  draft.renamed(options);
  const identity = identityBy(from, name, options);
  const key = resolveSerde('key', undefined, from, name) as Serde<K>; // the input's own keys
  const value = resolveSerde('value', options.value, from, name) as Serde<V>; // and values
  const passing = keyValueStore({ name, key: identity.serde, value: timesSerde });
  const waiting = waitingRecords({ name: `${name}-waiting`, key, value });
  const sides = sideStreams(name, {
    excess: excess && ((side: Handle) => excess(draft.handles.stream(side))),
  });
  const node = operatorNode<K | null, V | null, K | null, V | null>({
    kind: 'rate-limit',
    name,
    parents: [from.node],
    stores: [passing, waiting.store],
    hasTimers: true,
    detail: { limit, perMs, maxDelayMs },
    onError,
    createProcessor(context) {
      const times = context.store(passing);
      const records = waiting.open(context);
      const forgetAt = (id: Uint8Array, at: number): void => {
        context.schedule({ at, name: 'forget', key: id });
      };
      return {
        process(record) {
          const id = identity.of(record as never); // the types of the stream
          if (id === null) return context.drop(record, 'null-key');
          const nowMs = context.streamTimeMs;
          const row = times.get(id);
          const last = row?.value.slice(-limit) ?? [];
          const first = last.length < limit ? -Infinity : (last[0] ?? -Infinity);
          const at = Math.max(nowMs, first + perMs);
          if (at - nowMs > maxDelayMs) {
            return sides.refuse(context, record, { reason: 'rate-limit', side: 'excess' });
          }
          const kept = last.length < limit ? last : last.slice(1);
          times.put(id, { value: [...kept, at], timestamp: record.timestamp });
          if (row === undefined) forgetAt(Buffer.from(keyBytes(identity.serde, id)), at + perMs);
          if (at > nowMs) records.wait(record, { at, by: 'stream-time' });
          else context.forward(record, sides.main);
        },
        onTimer(timer) {
          for (const record of records.due(timer)) context.forward(record, sides.main);
          if (timer.name !== 'forget' || timer.key === null) return;
          const id = identity.serde.deserialize(timer.key);
          const freeAt = (times.get(id)?.value.at(-1) ?? 0) + perMs;
          if (freeAt > context.streamTimeMs) forgetAt(timer.key, freeAt);
          else times.put(id, null);
        },
      };
    },
  });
  return sides.open({ ...from, node: draft.add(node), key, value }, {});
}

interface RateTimes {
  readonly limit: number;
  readonly per: Duration;
  readonly maxDelay?: Duration;
}

function timesOf({ limit, per, maxDelay = 0 }: RateTimes) {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new ConfigError('BAD_OPTION', `limit is a whole number from 1 to ${maxLimit}: ${limit}.`);
  }
  const [perMs, maxDelayMs] = [durationMs(per, 'per'), durationMs(maxDelay, 'maxDelay')];
  if (perMs === 0) throw new ConfigError('BAD_WINDOW', 'per must be above 0.');
  checkReach('per and maxDelay together', perMs, maxDelayMs);
  return { perMs, maxDelayMs };
}
