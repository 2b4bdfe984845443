import type { Runtime } from '../../../runtime/runtime.ts';
import type { NewTopic, TopicDescription } from '../../port.ts';
import type { ClusterMetadata, Connections } from '../connections/connections.ts';
import { brokerError, BrokerErrorCode } from '../requests/broker-error.ts';
import { idempotentPatience, repeat } from '../requests/repeat.ts';
import { createTopics } from '../wire/messages/create-topics.ts';
import { describeConfigs, resourceTypes } from '../wire/messages/describe-configs.ts';
import { noTopicId } from '../wire/messages/metadata.ts';

const cleanupSetting = 'cleanup.policy';
const maxBytesSetting = 'max.message.bytes';
const creationMs = 8_000;
const clusterReplicationFactor = -1;

type TopicMetadata = ClusterMetadata['topics'][number];

export function describeKafkaTopics(
  connections: Connections,
  runtime: Runtime,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicDescription>> {
  return repeat(runtime, idempotentPatience, async () => {
    const descriptions = new Map<string, TopicDescription>();
    const existing = await existingTopics(connections, topics);
    if (existing.size === 0) return descriptions;
    const names = [cleanupSetting, maxBytesSetting];
    const settings = await settingsOf(connections, [...existing.keys()], names);
    for (const [topic, { partitions, topicId }] of existing) {
      const values = settings.get(topic);
      descriptions.set(topic, {
        topic,
        id: topicId === noTopicId ? null : topicId,
        partitions: partitions.length,
        cleanup: cleanupOf(values?.get(cleanupSetting) ?? ''),
        maxMessageBytes: Number(values?.get(maxBytesSetting)),
      });
    }
    return descriptions;
  });
}

/** Of those topics that exist. */
export function kafkaTopicSettings(
  connections: Connections,
  runtime: Runtime,
  { topics, names }: { readonly topics: readonly string[]; readonly names: readonly string[] },
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  return repeat(runtime, idempotentPatience, async () => {
    const existing = await existingTopics(connections, topics);
    if (existing.size === 0) return new Map<string, ReadonlyMap<string, string>>();
    return settingsOf(connections, [...existing.keys()], names);
  });
}

/** Creates what is missing, and waits until each partition has a leader. */
export async function createKafkaTopics(
  connections: Connections,
  runtime: Runtime,
  { topics, replicationFactor }: { topics: readonly NewTopic[]; replicationFactor: number | null },
): Promise<void> {
  let missing = topics;
  await repeat(runtime, idempotentPatience, async () => {
    const { topics: answers } = await connections.call(
      await connections.controller(),
      createTopics,
      {
        topics: missing.map((topic) => requestFor(topic, replicationFactor)),
        timeoutMs: creationMs,
        validatesOnly: false,
      },
    );
    const refused = answers.filter(({ errorCode }) => !exists.has(errorCode));
    const open = new Set(refused.map(({ topic }) => topic));
    missing = missing.filter(({ topic }) => open.has(topic));
    for (const { topic, errorCode, message } of refused) {
      throw topicError(topic, { api: createTopics.name, errorCode, detail: message });
    }
  });
  const names = topics.map(({ topic }) => topic);
  connections.forgetLeaders(names);
  await repeat(runtime, idempotentPatience, () => requireLeaders(connections, names));
}

const exists: ReadonlySet<number> = new Set([
  BrokerErrorCode.none,
  BrokerErrorCode.topicAlreadyExists,
]);

function requestFor(
  { topic, partitions, cleanup, settings }: NewTopic,
  replicationFactor: number | null,
) {
  const all = { [cleanupSetting]: cleanup, ...settings };
  return {
    topic,
    partitions,
    replicationFactor: replicationFactor ?? clusterReplicationFactor,
    assignments: [],
    settings: Object.entries(all).map(([name, value]) => ({ name, value })),
  };
}

async function requireLeaders(connections: Connections, names: readonly string[]): Promise<void> {
  const existing = await existingTopics(connections, names);
  for (const topic of names) {
    const found = existing.get(topic);
    const isLed = found?.partitions.every(({ leader }) => leader >= 0) ?? false;
    if (isLed) continue;
    // Created a moment ago: not every broker knows of it yet.
    const errorCode = BrokerErrorCode.leaderNotAvailable;
    throw topicError(topic, { api: 'Metadata', errorCode });
  }
}

export async function existingTopics(
  connections: Connections,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicMetadata>> {
  const existing = new Map<string, TopicMetadata>();
  if (names.length === 0) return existing;
  for (const found of (await connections.metadata(names)).topics) {
    const { name, errorCode } = found;
    if (name === null || errorCode === BrokerErrorCode.unknownTopic) continue;
    if (errorCode !== BrokerErrorCode.none) throw topicError(name, { api: 'Metadata', errorCode });
    existing.set(name, found);
  }
  return existing;
}

async function settingsOf(
  connections: Connections,
  topics: readonly string[],
  settings: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { resources } = await connections.call(await connections.anyNode(), describeConfigs, {
    resources: topics.map((name) => ({
      type: resourceTypes.topic,
      name,
      settings,
    })),
    includesSynonyms: false,
  });
  return new Map(
    resources.map(({ name, errorCode, message, settings }) => {
      if (errorCode !== BrokerErrorCode.none) {
        throw topicError(name, { api: describeConfigs.name, errorCode, detail: message });
      }
      return [name, new Map(settings.map((setting) => [setting.name, setting.value ?? '']))];
    }),
  );
}

/** Both together are neither: what is compacted loses old records, what is deleted old keys. */
function cleanupOf(policy: string): TopicDescription['cleanup'] {
  const kinds = policy.split(',').map((kind) => kind.trim());
  if (!kinds.includes('compact')) return 'delete';
  return kinds.includes('delete') ? 'compact,delete' : 'compact';
}

interface TopicRefusal {
  readonly api: string;
  readonly errorCode: number;
  readonly detail?: string | null;
}

export function topicError(topic: string, { api, errorCode, detail = null }: TopicRefusal) {
  return brokerError(errorCode, { api, subject: `Topic '${topic}'`, where: { topic }, detail });
}
