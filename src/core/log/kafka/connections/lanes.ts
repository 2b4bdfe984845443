import { logClosed } from '../../log-errors.ts';
import type { KafkaOptions } from '../kafka-options.ts';
import { fetch } from '../wire/messages/fetch.ts';
import { joinGroup } from '../wire/messages/join-group.ts';
import { syncGroup } from '../wire/messages/sync-group.ts';
import { connectError } from './connect-errors.ts';
import { type BrokerAddress, kafkajsDial } from './kafkajs-dial.ts';
import { createLane, type Lane, type LaneConnection } from './lane.ts';
import { requireVersions } from './needed-versions.ts';
import { parseBrokers } from './parse-brokers.ts';
import { createSocketSet } from './socket-set.ts';

export interface ConnectionTimeouts {
  readonly connectMs: number;
  /** Of a request whose caller names none. */
  readonly requestMs: number;
}

export type NamedKafkaOptions = KafkaOptions & { readonly clientId: string };

type LaneName = 'main' | 'fetch' | 'join';

/**
 * A broker works on the requests of a connection one after the other. What it may keep waiting
 * gets a connection of its own: fetches for data, joins and syncs for other members. A heartbeat
 * behind a join would time out, and breaking its connection would break off the join.
 */
const laneNames: ReadonlyMap<number, LaneName> = new Map([
  [fetch.key, 'fetch'],
  [joinGroup.key, 'join'],
  [syncGroup.key, 'join'],
]);

/**
 * The lanes to all brokers, by address: a broker of the options and a node of the cluster may be
 * the same.
 */
export class Lanes {
  readonly seeds: readonly BrokerAddress[];
  isClosed = false;
  private readonly sockets = createSocketSet();
  private readonly byAddress = new Map<string, Map<LaneName, Lane>>();
  private readonly dial;

  /** @throws {ConfigError} `BAD_OPTION`. */
  constructor(
    private readonly options: NamedKafkaOptions,
    timeouts: ConnectionTimeouts,
    private readonly onUnreachable: (address: BrokerAddress) => void,
  ) {
    this.seeds = parseBrokers(options.brokers);
    this.dial = kafkajsDial(options, this.sockets, timeouts);
  }

  /** The one for requests of a kind; without, for what a broker answers at once. */
  to(address: BrokerAddress, api?: { readonly key: number }): Lane {
    const name = (api && laneNames.get(api.key)) ?? 'main';
    const key = nameOf(address);
    const lanes = this.byAddress.get(key) ?? new Map<LaneName, Lane>();
    this.byAddress.set(key, lanes);
    const usesSasl = this.options.sasl !== undefined;
    const lane = lanes.get(name) ?? createLane(() => this.connect(address), usesSasl);
    lanes.set(name, lane);
    return lane;
  }

  breakAt(address: BrokerAddress): void {
    const lanes = this.byAddress.get(nameOf(address)) ?? new Map<LaneName, Lane>();
    for (const lane of lanes.values()) lane.break('reset by this client');
  }

  /** Breaks those that wait for an answer. */
  breakBusy(): void {
    for (const lanes of this.byAddress.values()) {
      for (const lane of lanes.values()) if (lane.isBusy) lane.break('no longer needed');
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.sockets.close();
  }

  private async connect(address: BrokerAddress): Promise<LaneConnection> {
    const broker = nameOf(address);
    try {
      const opened = await this.dial(address, (versions) => requireVersions(broker, versions));
      return { ...opened, broker };
    } catch (error) {
      if (this.isClosed) throw logClosed();
      this.onUnreachable(address);
      const isSeed = this.seeds.some((seed) => nameOf(seed) === broker);
      const label = isSeed ? broker : `${broker} (as its cluster advertises it)`;
      throw connectError(label, error, this.options);
    }
  }
}

function nameOf({ host, port }: BrokerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
