import type { Runtime } from '../../../runtime/runtime.ts';
import type { Admin } from '../../port.ts';
import type { Connections } from '../connections/connections.ts';
import { anyProducer, initialiseProducer } from '../writer/initialise-producer.ts';
import { deleteKafkaGroup, groupMemberCount } from './groups.ts';
import { committedGroupOffsets, deleteRecordsBefore, partitionEnds } from './offsets.ts';
import { deleteKafkaTopics, listKafkaTopics } from './remove-topics.ts';
import { createKafkaTopics, describeKafkaTopics, kafkaTopicSettings } from './topics.ts';

/** Of a producer that opens no transaction. */
const fencingMs = 10_000;

export interface KafkaAdminOptions {
  /** Of topics that are created; null: what the cluster is set to. */
  readonly replicationFactor: number | null;
}

/** All requests are repeated while the cluster is moving or silent: none does harm twice. */
export function kafkaAdmin(
  connections: Connections,
  runtime: Runtime,
  { replicationFactor }: KafkaAdminOptions,
): Admin {
  return {
    listTopics: () => listKafkaTopics(connections, runtime),
    topicSettings: (topics, names) => kafkaTopicSettings(connections, runtime, { topics, names }),
    deleteTopics: (topics) => deleteKafkaTopics(connections, runtime, topics),
    groupMembers: (group) => groupMemberCount(connections, runtime, group),
    deleteGroup: (group) => deleteKafkaGroup(connections, runtime, group),
    describeTopics: (topics) => describeKafkaTopics(connections, runtime, topics),
    createTopics: (topics) =>
      createKafkaTopics(connections, runtime, { topics, replicationFactor }),
    ends: (places) => partitionEnds(connections, runtime, places),
    committedOffsets: (group, places, kind = 'stable') =>
      committedGroupOffsets(connections, runtime, { group, places, kind }),
    fenceProducer: async (transactionalId) => {
      await initialiseProducer(connections, runtime, {
        transactionalId,
        transactionTimeoutMs: fencingMs,
        current: anyProducer,
      });
    },
    deleteRecords: (before) => deleteRecordsBefore(connections, runtime, before),
  };
}
