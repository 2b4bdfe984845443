import { LogError } from '../../../model/errors.ts';
import type { GroupMetadata, OffsetToCommit } from '../../port.ts';
import type { Connections } from '../connections/connections.ts';
import { askCoordinator, partitionRefusal, type Refusal } from '../requests/ask-coordinator.ts';
import { BrokerErrorCode } from '../requests/broker-error.ts';
import { byTopic } from '../requests/by-topic.ts';
import { offsetCommit } from '../wire/messages/offset-commit.ts';
import { txnOffsetCommit } from '../wire/messages/txn-offset-commit.ts';
import type { ProducerIdentity } from './initialise-producer.ts';

export interface OffsetsOfGroup {
  readonly offsets: readonly OffsetToCommit[];
  readonly group: GroupMetadata;
}

/** Commits offsets at once; the group refuses those of a member of another generation. */
export async function commitOffsetsOnce(
  connections: Connections,
  { offsets, group }: OffsetsOfGroup,
): Promise<void> {
  await askCoordinator(
    connections,
    { type: 'group', id: group.group },
    {
      api: offsetCommit,
      request: { ...group, instanceId: null, topics: entriesOf(offsets) },
      refusalIn: ({ topics }) => refusalOfMember(partitionRefusal(topics), group),
    },
  );
}

/**
 * Makes offsets pending until the transaction ends. It carries generation and member id, which is
 * what keeps out a worker that the group has given up.
 */
export async function addOffsetsOnce(
  connections: Connections,
  producer: ProducerIdentity & { readonly transactionalId: string },
  { offsets, group }: OffsetsOfGroup,
): Promise<void> {
  await askCoordinator(
    connections,
    { type: 'group', id: group.group },
    {
      api: txnOffsetCommit,
      request: { ...producer, ...group, instanceId: null, topics: entriesOf(offsets) },
      refusalIn: ({ topics }) => refusalOfMember(partitionRefusal(topics), group),
    },
  );
}

function entriesOf(offsets: readonly OffsetToCommit[]) {
  return byTopic(offsets, ({ partition, offset, metadata }) => ({
    partition,
    offset,
    leaderEpoch: -1,
    metadata,
  }));
}

/** For a commit a rebalance under way is no reason to wait: only a new generation ends it. */
function refusalOfMember(refusal: Refusal | null, group: GroupMetadata): Refusal | null {
  if (refusal?.errorCode !== BrokerErrorCode.rebalanceInProgress) return refusal;
  throw new LogError(
    'fenced',
    'STALE_GENERATION',
    `Group '${group.group}' is rebalancing and takes no offsets of generation ` +
      `${group.generation}. The worker rejoins; what it had not committed is undone.`,
  );
}
