import type { ReaderOptions } from '../../port.ts';
import type { Carried } from '../wire/codec.ts';
import { isolationLevels } from '../wire/isolation.ts';
import type { fetch } from '../wire/messages/fetch.ts';
import type { FetchSlot } from './fetch-slot.ts';

export type WireFetchRequest = Carried<(typeof fetch)['request']>;

/** Of a whole answer; a first batch above it is sent all the same. */
const maxAnswerBytes = 8 * 1024 * 1024;
/** Each request names all its partitions: the broker keeps nothing between two. */
const noSession = { sessionId: 0, sessionEpoch: -1 };

export interface FetchBounds extends ReaderOptions {
  readonly maxWaitMs: number;
  readonly maxPartitionBytes: number;
}

/** A broker fills its answer in the order of the request: who waited longest comes first. */
export function fetchRequest(
  slots: readonly FetchSlot[],
  { isolation, maxWaitMs, maxPartitionBytes }: FetchBounds,
): WireFetchRequest {
  const topics = new Map<string, WireFetchRequest['topics'][number]['partitions'][number][]>();
  for (const slot of [...slots].sort((a, b) => a.servedIn - b.servedIn)) {
    const { topic, partition } = slot.place;
    const partitions = topics.get(topic) ?? [];
    topics.set(topic, partitions);
    partitions.push({
      partition,
      leaderEpoch: -1,
      offset: slot.offset,
      logStartOffset: -1,
      maxBytes: maxPartitionBytes,
    });
  }
  return {
    replicaId: -1,
    maxWaitMs,
    minBytes: 1,
    maxBytes: maxAnswerBytes,
    isolation: isolationLevels[isolation],
    ...noSession,
    topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    forgotten: [],
    rack: '',
  };
}
