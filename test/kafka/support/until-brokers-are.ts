import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaNode } from './kafka-node.ts';

const patienceMs = 90_000;
const pauseMs = 150;

/** Waits until a broker says that the cluster has a controller and the nodes that are wanted. */
export async function untilBrokersAre(
  brokers: readonly string[],
  nodes: ReadonlyMap<number, KafkaNode>,
  wanted: (nodeIds: readonly number[]) => boolean,
): Promise<void> {
  const started = [...nodes.values()].filter(({ pid }) => pid !== null);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const dead = started.find(({ pid }) => pid === null);
    if (dead !== undefined) throw new Error(`A broker ended by itself:\n${dead.logTail()}`);
    for (const broker of brokers) {
      const nodeIds = await nodesSeenBy(broker);
      if (nodeIds !== null && wanted(nodeIds)) return;
    }
    if (performance.now() > deadline) {
      const logs = started.map((node) => node.logTail()).join('\n');
      throw new Error(`The brokers are not ready after ${patienceMs} ms:\n${logs}`);
    }
    await sleep(pauseMs);
  }
}

/** Null if the broker does not answer, or knows no controller yet. */
async function nodesSeenBy(broker: string): Promise<readonly number[] | null> {
  const retry = { retries: 0 };
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    return controller === null ? null : brokers.map(({ nodeId }) => nodeId);
  } catch {
    return null;
  } finally {
    await admin.disconnect();
  }
}
