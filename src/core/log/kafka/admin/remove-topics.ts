import type { Runtime } from '../../../runtime/runtime.ts';
import { LogError } from '../../../model/errors.ts';
import type { Connections } from '../connections/connections.ts';
import { BrokerErrorCode } from '../requests/broker-error.ts';
import { idempotentPatience, repeat } from '../requests/repeat.ts';
import { deleteTopics } from '../wire/messages/delete-topics.ts';
import { listTopics } from '../wire/messages/list-topics.ts';
import { existingTopics, topicError } from './topics.ts';

const deletionMs = 8_000;

export function listKafkaTopics(
  connections: Connections,
  runtime: Runtime,
): Promise<readonly string[]> {
  return repeat(runtime, idempotentPatience, async () => {
    const request = { topics: null, allowsCreation: false };
    const { topics } = await connections.call(await connections.anyNode(), listTopics, request);
    return topics.filter(({ isInternal }) => !isInternal).map(({ name }) => name);
  });
}

/** Deletes what is there, and waits until no broker that is asked knows of it. */
export async function deleteKafkaTopics(
  connections: Connections,
  runtime: Runtime,
  names: readonly string[],
): Promise<void> {
  let left = names;
  await repeat(runtime, idempotentPatience, async () => {
    if (left.length === 0) return;
    const request = { topics: left, timeoutMs: deletionMs };
    const node = await connections.controller();
    const { topics } = await connections.call(node, deleteTopics, request);
    const gone: readonly number[] = [BrokerErrorCode.none, BrokerErrorCode.unknownTopic];
    const refused = topics.filter(({ errorCode }) => !gone.includes(errorCode));
    left = refused.map(({ topic }) => topic);
    for (const { topic, errorCode } of refused) {
      throw topicError(topic, { api: deleteTopics.name, errorCode });
    }
  });
  connections.forgetLeaders(names);
  await repeat(runtime, idempotentPatience, async () => {
    const seen = await existingTopics(connections, names);
    for (const topic of seen.keys()) {
      const message = `Topic '${topic}' is deleted, and a broker still knows of it.`;
      throw new LogError('retriable', 'BROKER_NOT_READY', message, { where: { topic } });
    }
  });
}
