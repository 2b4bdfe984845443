import { LogError, type LogErrorClass } from '../../../model/errors.ts';
import type { Runtime } from '../../../runtime/runtime.ts';
import { partitionName } from '../../partition-name.ts';
import type { ProduceReceipt, TopicPartition } from '../../port.ts';
import type { Connections } from '../connections/connections.ts';
import { askLeaders } from '../requests/ask-leaders.ts';
import { brokerError, BrokerErrorCode, placeText } from '../requests/broker-error.ts';
import { byTopic } from '../requests/by-topic.ts';
import { stepPatience } from '../requests/repeat.ts';
import type { Carried } from '../wire/codec.ts';
import { produce } from '../wire/messages/produce.ts';

/** A batch with its producer, epoch and sequence: sent again, it is the same batch. */
export interface StampedBatch extends TopicPartition {
  readonly records: Buffer;
}

export interface ProduceTarget {
  readonly connections: Connections;
  readonly runtime: Runtime;
  readonly transactionalId: string | null;
}

type ProduceAnswer = Carried<(typeof produce)['answer']>;
type PartitionAnswer = ProduceAnswer['topics'][number]['partitions'][number];

/** How long a leader may wait for its replicas; less than the time-out of the request. */
const replicationMs = 8_000;
const allReplicas = -1;

/** Refusals before anything was appended; of all others that cannot be said. */
const notAppended: ReadonlySet<number> = new Set([
  BrokerErrorCode.unknownTopic,
  BrokerErrorCode.leaderNotAvailable,
  BrokerErrorCode.notLeader,
  BrokerErrorCode.notEnoughReplicas,
  BrokerErrorCode.storageError,
]);

/**
 * Appends batches, one request to each leader. A batch that was surely not appended goes out again
 * with the same bytes, hence the same sequence, to the leader of that moment; anything else that is
 * not a receipt rejects.
 */
export function produceBatches(
  { connections, runtime, transactionalId }: ProduceTarget,
  batches: readonly StampedBatch[],
): Promise<readonly ProduceReceipt[]> {
  const ask = async (nodeId: number, led: readonly StampedBatch[]) => {
    const topics = byTopic(led, ({ partition, records }) => ({ partition, records }));
    const answer = await connections.call(nodeId, produce, {
      transactionalId,
      acks: allReplicas,
      timeoutMs: replicationMs,
      topics,
    });
    const answered = answersByPartition(answer);
    return led.map((batch) => receiptOf(batch, answered.get(partitionName(batch)) ?? []));
  };
  return askLeaders({ connections, runtime, patience: stepPatience, ask }, batches);
}

function answersByPartition({ topics }: ProduceAnswer): ReadonlyMap<string, PartitionAnswer[]> {
  const answers = new Map<string, PartitionAnswer[]>();
  for (const { topic, partitions } of topics) {
    for (const answer of partitions) {
      const name = partitionName({ topic, partition: answer.partition });
      answers.set(name, [...(answers.get(name) ?? []), answer]);
    }
  }
  return answers;
}

/** A batch counts as appended only if its partition was answered once and with an offset. */
function receiptOf(
  { topic, partition }: TopicPartition,
  answers: readonly PartitionAnswer[],
): ProduceReceipt | LogError {
  const where = { topic, partition };
  const [answer] = answers;
  if (answers.length !== 1 || answer === undefined) {
    return badReceipt(where, `it holds the partition ${answers.length} times`);
  }
  const { errorCode, baseOffset } = answer;
  if (errorCode === BrokerErrorCode.none) {
    return baseOffset >= 0 ? { topic, partition, baseOffset } : badReceipt(where, 'without offset');
  }
  const error = brokerError(errorCode, { api: produce.name, subject: placeText(where), where });
  return new LogError(repeatClass(errorCode, error), error.code, error.message, { where });
}

function repeatClass(errorCode: number, { errorClass }: LogError): LogErrorClass {
  if (notAppended.has(errorCode)) return 'retriable';
  return errorClass === 'retriable' ? 'abort-and-reinitialise' : errorClass;
}

function badReceipt(where: TopicPartition, problem: string): LogError {
  return new LogError(
    'abort-and-reinitialise',
    'CORRUPT_ANSWER',
    `The answer to ${produce.name} is no receipt for ${placeText(where)}: ${problem}. ` +
      'The producer is made anew; what was not committed is undone.',
    { where },
  );
}
