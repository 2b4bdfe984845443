import type { Runtime } from '../../runtime/runtime.ts';
import type { Admin, CommittedOffset, TopicPartition } from '../port.ts';
import type { EmbeddedBroker } from './broker.ts';
import type { Requests } from './requests.ts';
import { waitForChange } from './wait-for-change.ts';

/** How often a transaction that holds offsets back is looked at, for it may time out. */
const pendingCheckMs = 50;
/** Time-out of a producer that opens no transaction. */
const fencingMs = 10_000;

export function embeddedAdmin(broker: EmbeddedBroker, requests: Requests, runtime: Runtime): Admin {
  const stableOffsets = async (
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (CommittedOffset | null)[]> => {
    for (;;) {
      const { version } = broker.changes;
      if (!broker.hasPendingOffsets(group, partitions)) {
        return broker.committedOffsets(group, partitions);
      }
      const options = { version, maxWaitMs: pendingCheckMs };
      await waitForChange(broker.changes, runtime.scheduler, options).done;
    }
  };
  return {
    listTopics: () => requests.send('list-topics', () => broker.listTopics()),
    topicSettings: (topics, names) =>
      requests.send('topic-settings', () => broker.topicSettings(topics, names)),
    deleteTopics: (topics) => requests.send('delete-topics', () => broker.deleteTopics(topics)),
    groupMembers: (group) => requests.send('group-members', () => broker.groupMembers(group)),
    deleteGroup: (group) => requests.send('delete-group', () => broker.deleteGroup(group)),
    describeTopics: (topics) =>
      requests.send('describe-topics', () => broker.describeTopics(topics)),
    createTopics: (topics) => requests.send('create-topics', () => broker.createTopics(topics)),
    ends: (partitions) => requests.send('ends', () => broker.ends(partitions)),
    committedOffsets: (group, partitions, kind = 'stable') =>
      requests.send('committed-offsets', () =>
        kind === 'stable'
          ? stableOffsets(group, partitions)
          : broker.committedOffsets(group, partitions),
      ),
    fenceProducer: async (transactionalId) => {
      await requests.send('init-producer', () => broker.initProducer(transactionalId, fencingMs));
    },
    deleteRecords: (before) => requests.send('delete-records', () => broker.deleteRecords(before)),
  };
}
