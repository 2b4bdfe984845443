import type { TopicPartition } from '../../port.ts';
import { brokerError, BrokerErrorCode, placeText } from '../requests/broker-error.ts';
import type { ClusterMetadata, CoordinatorType } from './connections.ts';
import type { BrokerAddress } from './kafkajs-dial.ts';

const noNode = -1;

type TopicAnswer = ClusterMetadata['topics'][number];

/** What is remembered of a cluster: where brokers are, who leads, who coordinates. */
export class ClusterTopology {
  readonly addresses = new Map<number, BrokerAddress>();
  private readonly leaders = new Map<string, readonly number[]>();
  private readonly coordinators = new Map<string, number>();

  learn({ brokers }: ClusterMetadata): void {
    for (const { nodeId, host, port } of brokers) this.addresses.set(nodeId, { host, port });
    const alive = new Set(brokers.map(({ nodeId }) => nodeId));
    for (const nodeId of this.addresses.keys()) if (!alive.has(nodeId)) this.forget(nodeId);
  }

  /** Nothing is reached there: neither the address nor what that broker led is taken for true. */
  forgetAddress({ host, port }: BrokerAddress): void {
    for (const [nodeId, address] of this.addresses) {
      if (address.host === host && address.port === port) this.forget(nodeId);
    }
  }

  private forget(nodeId: number): void {
    this.addresses.delete(nodeId);
    for (const [topic, nodes] of this.leaders)
      if (nodes.includes(nodeId)) this.leaders.delete(topic);
    for (const [key, node] of this.coordinators) if (node === nodeId) this.coordinators.delete(key);
  }

  /** @throws {LogError} `TOPIC_MISSING`, `NOT_AUTHORIZED`. */
  learnLeaders(topics: readonly TopicAnswer[]): void {
    for (const { name, errorCode, partitions } of topics) {
      if (name === null) continue;
      if (errorCode !== 0) {
        const place = { api: 'Metadata', subject: `Topic '${name}'`, where: { topic: name } };
        throw brokerError(errorCode, place);
      }
      const leaders: number[] = [];
      for (const { partition, leader } of partitions) leaders[partition] = leader;
      this.leaders.set(name, leaders);
    }
  }

  knowsLeaderOf({ topic, partition }: TopicPartition): boolean {
    return (this.leaders.get(topic)?.[partition] ?? noNode) >= 0;
  }

  /** Null: none now. @throws {LogError} `TOPIC_MISSING` for a partition that does not exist. */
  leaderOf({ topic, partition }: TopicPartition): number | null {
    const leaders = this.leaders.get(topic);
    // Forgotten since it was asked for.
    if (leaders === undefined) return null;
    const leader = leaders[partition];
    if (leader !== undefined) return leader < 0 ? null : leader;
    throw brokerError(BrokerErrorCode.unknownTopic, {
      api: 'Metadata',
      subject: placeText({ topic, partition }),
      where: { topic, partition },
    });
  }

  forgetLeaders(topics: readonly string[]): void {
    for (const topic of topics) this.leaders.delete(topic);
  }

  coordinatorOf(type: CoordinatorType, id: string): number | undefined {
    return this.coordinators.get(`${type}:${id}`);
  }

  learnCoordinator(type: CoordinatorType, id: string, node: BrokerAddress & { nodeId: number }) {
    this.addresses.set(node.nodeId, { host: node.host, port: node.port });
    this.coordinators.set(`${type}:${id}`, node.nodeId);
  }

  forgetCoordinator(type: CoordinatorType, id: string): void {
    this.coordinators.delete(`${type}:${id}`);
  }
}
