import { LogError } from '../../../model/errors.ts';
import { logClosed } from '../../log-errors.ts';
import type { TopicPartition } from '../../port.ts';
import { brokerError } from '../requests/broker-error.ts';
import type { Api } from '../wire/api.ts';
import { coordinatorTypes, findCoordinator } from '../wire/messages/find-coordinator.ts';
import { metadata, noTopicId } from '../wire/messages/metadata.ts';
import { ClusterTopology } from './cluster-topology.ts';
import { harmlessError, unreachableError } from './connect-errors.ts';
import type { CallOptions, ClusterMetadata, Connections, CoordinatorType } from './connections.ts';
import type { BrokerAddress } from './kafkajs-dial.ts';
import type { Lane } from './lane.ts';
import { type ConnectionTimeouts, Lanes, type NamedKafkaOptions } from './lanes.ts';

const defaultTimeouts: ConnectionTimeouts = { connectMs: 5_000, requestMs: 10_000 };

/** Sockets are opened on first use. @throws {ConfigError} `BAD_OPTION`. */
export function openKafkaConnections(
  options: NamedKafkaOptions,
  timeouts: ConnectionTimeouts = defaultTimeouts,
): KafkaConnections {
  return new KafkaConnections(options, timeouts);
}

/** Connections that can also be lent to one owner after the other. */
export class KafkaConnections implements Connections {
  private readonly topology = new ClusterTopology();
  private readonly lanes: Lanes;

  constructor(
    private readonly options: NamedKafkaOptions,
    private readonly timeouts: ConnectionTimeouts,
  ) {
    const forget = (address: BrokerAddress): void => this.topology.forgetAddress(address);
    this.lanes = new Lanes(options, timeouts, forget);
  }

  async call<Request, Answer>(
    nodeId: number,
    api: Api<Request, Answer>,
    request: Request,
    { timeoutMs = this.timeouts.requestMs }: CallOptions = {},
  ): Promise<Answer> {
    this.failIfClosed();
    try {
      const lane = this.lanes.to(await this.addressOf(nodeId), api);
      return await lane.call(api, request, timeoutMs);
    } catch (error) {
      this.failIfClosed();
      throw error;
    }
  }

  async anyNode(): Promise<number> {
    this.failIfClosed();
    for (const [nodeId, address] of this.topology.addresses) {
      if (this.lanes.to(address).isOpen) return nodeId;
    }
    await this.askMetadata([]);
    return await this.firstReachable();
  }

  async controller(): Promise<number> {
    const { controllerId } = await this.metadata([]);
    if (controllerId >= 0) return controllerId;
    throw new LogError('retriable', 'BROKER_NOT_READY', 'The cluster has no controller now.');
  }

  async metadata(topics: readonly string[]): Promise<ClusterMetadata> {
    this.failIfClosed();
    return await this.askMetadata(topics);
  }

  async leadersOf(partitions: readonly TopicPartition[]): Promise<readonly (number | null)[]> {
    const { topology } = this;
    const unknown = partitions.filter((partition) => !topology.knowsLeaderOf(partition));
    if (unknown.length > 0) {
      const names = new Set(unknown.map(({ topic }) => topic));
      topology.learnLeaders((await this.metadata([...names])).topics);
    }
    return partitions.map((partition) => topology.leaderOf(partition));
  }

  forgetLeaders(topics: readonly string[]): void {
    this.topology.forgetLeaders(topics);
  }

  async coordinatorOf(type: CoordinatorType, id: string): Promise<number> {
    const known = this.topology.coordinatorOf(type, id);
    if (known !== undefined) return known;
    const request = { key: id, type: coordinatorTypes[type] };
    const lane = this.lanes.to(await this.addressOf(await this.anyNode()));
    const answer = await this.ask(lane, findCoordinator, request);
    if (answer.errorCode !== 0) {
      const subject = type === 'group' ? `Group '${id}'` : `Transactional id '${id}'`;
      const place = { api: findCoordinator.name, subject, detail: answer.message };
      throw brokerError(answer.errorCode, place);
    }
    this.topology.learnCoordinator(type, id, answer);
    return answer.nodeId;
  }

  forgetCoordinator(type: CoordinatorType, id: string): void {
    this.topology.forgetCoordinator(type, id);
  }

  reset(nodeId: number): void {
    const address = this.topology.addresses.get(nodeId);
    if (address !== undefined) this.lanes.breakAt(address);
  }

  /** Breaks the connections that wait for an answer; the others can be used by someone else. */
  breakBusy(): void {
    this.lanes.breakBusy();
  }

  close(): Promise<void> {
    return this.lanes.close();
  }

  /** Brokers that are known are asked first, then those of the options, until one answers. */
  private async askMetadata(topics: readonly string[]): Promise<ClusterMetadata> {
    const request = {
      topics: topics.map((name) => ({ topicId: noTopicId, name })),
      allowsCreation: false,
      includesTopicOperations: false,
    };
    return await this.firstOf(this.mainLanes(), async (lane) => {
      const answer = await this.ask(lane, metadata, request);
      this.topology.learn(answer);
      return answer;
    });
  }

  /** Open ones first, each once. */
  private mainLanes(): readonly Lane[] {
    const known = [...this.topology.addresses.values(), ...this.lanes.seeds];
    const lanes = [...new Set(known.map((address) => this.lanes.to(address)))];
    return [...lanes.filter(({ isOpen }) => isOpen), ...lanes.filter(({ isOpen }) => !isOpen)];
  }

  private firstReachable(): Promise<number> {
    return this.firstOf(this.topology.addresses, async ([nodeId, address]) => {
      await this.lanes.to(address).open();
      return nodeId;
    });
  }

  /** What the first attempt that succeeds gives; what would fail everywhere ends the search. */
  private async firstOf<C, T>(
    candidates: Iterable<C>,
    attempt: (candidate: C) => Promise<T>,
  ): Promise<T> {
    const failures: unknown[] = [];
    for (const candidate of candidates) {
      try {
        return await attempt(candidate);
      } catch (error) {
        this.failIfClosed();
        if (error instanceof LogError && error.errorClass !== 'retriable') throw error;
        failures.push(error);
      }
    }
    throw unreachableError(failures);
  }

  /** A request that changes nothing: whether it was carried out need not be known. */
  private async ask<Request, Answer>(lane: Lane, api: Api<Request, Answer>, request: Request) {
    try {
      return await lane.call(api, request, this.timeouts.requestMs);
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      throw harmlessError(error, this.topology.addresses.size > 0 ? null : this.options);
    }
  }

  private async addressOf(nodeId: number): Promise<BrokerAddress> {
    const { addresses } = this.topology;
    if (!addresses.has(nodeId)) await this.askMetadata([]);
    const address = addresses.get(nodeId);
    if (address !== undefined) return address;
    throw new LogError(
      'retriable',
      'BROKER_UNREACHABLE',
      `Broker ${nodeId} is not among the live ones of the cluster.`,
    );
  }

  private failIfClosed(): void {
    if (this.lanes.isClosed) throw logClosed();
  }
}
