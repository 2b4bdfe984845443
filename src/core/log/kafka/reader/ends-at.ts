import type { PartitionEnds, TopicPartition } from '../../port.ts';
import type { Connections } from '../connections/connections.ts';
import { brokerError, placeText } from '../requests/broker-error.ts';
import { isolationLevels } from '../wire/isolation.ts';
import { listOffsets, offsetSpecs } from '../wire/messages/list-offsets.ts';

/** Start and end of a partition, asked of its leader. @throws {LogError} */
export async function endsAt(
  connections: Connections,
  nodeId: number,
  place: TopicPartition,
): Promise<PartitionEnds> {
  const logStartOffset = await offsetAt(connections, nodeId, {
    ...place,
    timestamp: offsetSpecs.earliest,
  });
  const logEndOffset = await offsetAt(connections, nodeId, {
    ...place,
    timestamp: offsetSpecs.latest,
  });
  return { logStartOffset, lastStableOffset: logEndOffset, logEndOffset };
}

async function offsetAt(
  connections: Connections,
  nodeId: number,
  { topic, partition, timestamp }: TopicPartition & { readonly timestamp: number },
): Promise<number> {
  const answer = await connections.call(nodeId, listOffsets, {
    replicaId: -1,
    isolation: isolationLevels['read-uncommitted'],
    topics: [{ topic, partitions: [{ partition, timestamp }] }],
  });
  const answered = answer.topics[0]?.partitions[0];
  const errorCode = answered?.errorCode ?? -1;
  if (answered !== undefined && errorCode === 0) return answered.offset;
  const where = { topic, partition };
  throw brokerError(errorCode, { api: listOffsets.name, subject: placeText(where), where });
}
