import { LogError } from '../../../model/errors.ts';
import type { Runtime } from '../../../runtime/runtime.ts';
import { partitionName } from '../../partition-name.ts';
import type { CommittedOffset, PartitionEnds, ReaderOptions, TopicPartition } from '../../port.ts';
import type { Connections } from '../connections/connections.ts';
import { askCoordinator, partitionRefusal, refusalOf } from '../requests/ask-coordinator.ts';
import { askLeaders } from '../requests/ask-leaders.ts';
import { brokerError, BrokerErrorCode, placeText } from '../requests/broker-error.ts';
import { byTopic } from '../requests/by-topic.ts';
import { idempotentPatience, type Patience, repeat } from '../requests/repeat.ts';
import { isolationLevels } from '../wire/isolation.ts';
import { deleteRecords } from '../wire/messages/delete-records.ts';
import { listOffsets, offsetSpecs } from '../wire/messages/list-offsets.ts';
import { offsetFetch } from '../wire/messages/offset-fetch.ts';

const anyReplica = -1;
const deletionMs = 8_000;
const noOffset = -1;

/** A transaction that nobody ends keeps offsets pending until its time-out. */
const pendingPatience: Patience = {
  backoffMs: [10, 20, 30, 50],
  maxMs: ({ errorClass, code }) =>
    errorClass === 'retriable' || code === 'REQUEST_TIMED_OUT' ? 60_000 : 0,
};

export async function partitionEnds(
  connections: Connections,
  runtime: Runtime,
  places: readonly TopicPartition[],
): Promise<readonly PartitionEnds[]> {
  const list = (timestamp: number, isolation: ReaderOptions['isolation']) => {
    const question = { connections, runtime, timestamp, isolation };
    return listedOffsets(question, places);
  };
  // In this order, for they only grow: no end asked for later lies before one asked for earlier.
  const starts = await list(offsetSpecs.earliest, 'read-uncommitted');
  const stableEnds = await list(offsetSpecs.latest, 'read-committed');
  const ends = await list(offsetSpecs.latest, 'read-uncommitted');
  return places.map((_, index) => ({
    logStartOffset: starts[index] ?? noOffset,
    lastStableOffset: stableEnds[index] ?? noOffset,
    logEndOffset: ends[index] ?? noOffset,
  }));
}

interface OffsetQuestion {
  readonly connections: Connections;
  readonly runtime: Runtime;
  readonly timestamp: number;
  readonly isolation: ReaderOptions['isolation'];
}

function listedOffsets(
  { connections, runtime, timestamp, isolation }: OffsetQuestion,
  places: readonly TopicPartition[],
): Promise<readonly number[]> {
  const ask = async (nodeId: number, led: readonly TopicPartition[]) => {
    const { topics } = await connections.call(nodeId, listOffsets, {
      replicaId: anyReplica,
      isolation: isolationLevels[isolation],
      topics: byTopic(led, ({ partition }) => ({ partition, timestamp })),
    });
    return outcomes(listOffsets.name, led, topics).map((outcome) =>
      outcome instanceof LogError ? outcome : outcome.offset,
    );
  };
  return askLeaders({ connections, runtime, patience: idempotentPatience, ask }, places);
}

export async function deleteRecordsBefore(
  connections: Connections,
  runtime: Runtime,
  before: readonly (TopicPartition & { readonly offset: number })[],
): Promise<void> {
  const ask = async (nodeId: number, led: typeof before) => {
    const { topics } = await connections.call(nodeId, deleteRecords, {
      topics: byTopic(led, ({ partition, offset }) => ({ partition, offset })),
      timeoutMs: deletionMs,
    });
    return outcomes(deleteRecords.name, led, topics);
  };
  await askLeaders({ connections, runtime, patience: idempotentPatience, ask }, before);
}

export interface GroupOffsets {
  readonly group: string;
  readonly places: readonly TopicPartition[];
  readonly kind: 'stable' | 'last';
}

/** Waits, for `stable`, until no transaction has offsets pending for any of the partitions. */
export async function committedGroupOffsets(
  connections: Connections,
  runtime: Runtime,
  { group, places, kind }: GroupOffsets,
): Promise<readonly (CommittedOffset | null)[]> {
  if (places.length === 0) return [];
  const request = {
    group,
    topics: byTopic(places, ({ partition }) => partition),
    requireStable: kind === 'stable',
  };
  const { topics } = await repeat(runtime, pendingPatience, () =>
    askCoordinator(
      connections,
      { type: 'group', id: group },
      {
        api: offsetFetch,
        request,
        refusalIn: (answer) => refusalOf(answer) ?? partitionRefusal(answer.topics),
      },
    ),
  );
  return outcomes(offsetFetch.name, places, topics).map((outcome) => {
    if (outcome instanceof LogError) throw outcome;
    const { offset, metadata } = outcome;
    return offset < 0 ? null : { offset, metadata: metadata ?? '' };
  });
}

interface PartitionAnswer {
  readonly partition: number;
  readonly errorCode: number;
}

interface TopicAnswer<Answer extends PartitionAnswer> {
  readonly topic: string;
  readonly partitions: readonly Answer[];
}

/** What was answered for each place, in the order of the places. */
function outcomes<Answer extends PartitionAnswer>(
  api: string,
  places: readonly TopicPartition[],
  topics: readonly TopicAnswer<Answer>[],
): readonly (Answer | LogError)[] {
  const answers = new Map<string, Answer>();
  for (const { topic, partitions } of topics) {
    for (const answer of partitions) {
      answers.set(partitionName({ topic, partition: answer.partition }), answer);
    }
  }
  return places.map(({ topic, partition }) => {
    const where = { topic, partition };
    const answer = answers.get(partitionName(where));
    if (answer?.errorCode === BrokerErrorCode.none) return answer;
    if (answer === undefined) return unanswered(api, where);
    return brokerError(answer.errorCode, { api, subject: placeText(where), where });
  });
}

function unanswered(api: string, where: TopicPartition): LogError {
  return new LogError(
    'fatal',
    'CORRUPT_ANSWER',
    `The answer to ${api} leaves ${placeText(where)} out. Is the address that of a Kafka broker?`,
    { where },
  );
}
