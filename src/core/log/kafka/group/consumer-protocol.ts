import { noAssignment } from '../../group/partitions.ts';
import type { JoinRequest } from '../../group/protocol.ts';
import type { GroupMember, MemberAssignment, TopicPartition } from '../../port.ts';
import { byTopic } from '../requests/by-topic.ts';
import { array, type Carried, int16, int32, nullableBytes, string, struct } from '../wire/codec.ts';
import { WireReader } from '../wire/wire-reader.ts';
import { WireWriter } from '../wire/wire-writer.ts';

/** What a member says in a join: the layout that Kafka's own consumers write and its tools read. */
export type Subscription = Pick<JoinRequest, 'topics' | 'userData' | 'owned' | 'generation'>;

const partitionsByTopic = array(struct({ topic: string, partitions: array(int32) }));

const subscriptionV0 = struct({ topics: array(string), userData: nullableBytes });
const ownedSinceV1 = partitionsByTopic;
const generationSinceV2 = int32;
const assignment = struct({ partitions: partitionsByTopic, userData: nullableBytes });

const subscriptionVersion = 2;
const assignmentVersion = 0;

/**
 * Equal subscriptions have equal bytes: to a follower that says nothing new a broker answers
 * without a rebalance. The generation makes each join news, and a repeated one none.
 */
export function encodeSubscription({ topics, userData, owned, generation }: Subscription): Buffer {
  const target = new WireWriter();
  int16.write(target, subscriptionVersion);
  subscriptionV0.write(target, { topics: topics.toSorted(), userData });
  ownedSinceV1.write(target, inOrder(owned));
  generationSinceV2.write(target, generation);
  return target.finish();
}

/** Takes later versions too: they only append. @throws {LogError} `CORRUPT_ANSWER`. */
export function decodeSubscription(
  metadata: Uint8Array,
): Omit<GroupMember, 'memberId' | 'instanceId'> {
  const source = readerOf(metadata, 'JoinGroup');
  const version = int16.read(source);
  const { userData } = subscriptionV0.read(source);
  const owned = version >= 1 ? flat(ownedSinceV1.read(source)) : [];
  return { userData: copied(userData), owned };
}

export function encodeAssignment({ partitions, userData }: MemberAssignment): Buffer {
  const target = new WireWriter();
  int16.write(target, assignmentVersion);
  assignment.write(target, { partitions: inOrder(partitions), userData });
  return target.finish();
}

/** No bytes: the leader gave the member nothing. @throws {LogError} `CORRUPT_ANSWER`. */
export function decodeAssignment(bytes: Uint8Array): MemberAssignment {
  if (bytes.length === 0) return noAssignment;
  const source = readerOf(bytes, 'SyncGroup');
  int16.read(source);
  const { partitions, userData } = assignment.read(source);
  return { partitions: flat(partitions), userData: copied(userData) };
}

type ByTopic = Carried<typeof partitionsByTopic>;

function inOrder(partitions: readonly TopicPartition[]): ByTopic {
  return byTopic(partitions, ({ partition }) => partition)
    .map(({ topic, partitions: numbers }) => ({
      topic,
      partitions: numbers.toSorted((a, b) => a - b),
    }))
    .toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
}

function flat(topics: ByTopic): readonly TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}

function readerOf(bytes: Uint8Array, api: string): WireReader {
  return new WireReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), api);
}

/** The bytes of an answer are a view of what was received. */
function copied(bytes: Uint8Array | null): Uint8Array {
  return new Uint8Array(bytes ?? []);
}
