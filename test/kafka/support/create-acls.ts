import { setTimeout as sleep } from 'node:timers/promises';
import { type AclEntry, Kafka, logLevel } from 'kafkajs';
import type { KafkaCluster } from './start-kafka.ts';

const pollMs = 20;

/** Resolves once the broker goes by them: it answers before it has read its own log. */
export async function createAcls({ brokers }: KafkaCluster, acl: AclEntry[]): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.createAcls({ acl });
    for (const entry of acl) {
      while ((await admin.describeAcls(entry)).resources.length === 0) await sleep(pollMs);
    }
  } finally {
    await admin.disconnect();
  }
}
