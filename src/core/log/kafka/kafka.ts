import type { Runtime } from '../../runtime/runtime.ts';
import { systemRuntime } from '../../runtime/system-runtime.ts';
import { joinGroup } from '../group/membership.ts';
import type { GroupOptions, Log, Membership } from '../port.ts';
import { kafkaAdmin } from './admin/kafka-admin.ts';
import { type ConnectionRole, ConnectionStock } from './connections/connection-stock.ts';
import type { Connections } from './connections/connections.ts';
import { openKafkaConnections } from './connections/kafka-connections.ts';
import type { LentConnections } from './connections/lend-connections.ts';
import { parseBrokers } from './connections/parse-brokers.ts';
import { kafkaGroupClient } from './group/kafka-group-client.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { kafkaReader } from './reader/kafka-reader.ts';
import { openKafkaWriter } from './writer/kafka-writer.ts';

/**
 * A log on a Kafka cluster, version 3.1 or later. Nothing is connected until it is used; each
 * reader, writer and membership has connections of its own.
 *
 * @example A cluster that asks who its clients are.
 * ```ts
 * const log = kafka({
 *   brokers: ['kafka-1:9093', 'kafka-2:9093'],
 *   ssl: true,
 *   sasl: { mechanism: 'scram-sha-512', username: 'millrace', password: 'secret' },
 * });
 * await log.close();
 * ```
 * @throws {ConfigError} `BAD_OPTION`.
 */
export function kafka(options: KafkaOptions): Log {
  const { clientId = 'millrace' } = options;
  parseBrokers(options.brokers);
  return kafkaOver(
    (role) => openKafkaConnections({ ...options, clientId: `${clientId}-${role}` }),
    options,
  );
}

/** As `kafka`, over connections that the caller opens. @internal */
export function kafkaOver(
  open: (role: ConnectionRole) => LentConnections,
  options: KafkaOptions,
): Log {
  const { runtime = systemRuntime, replicationFactor = null } = options;
  const stock = new ConnectionStock(open);
  return {
    admin: kafkaAdmin(stock.take('admin'), runtime, { replicationFactor }),
    openReader: (reader) => kafkaReader(stock.take('reader'), runtime, reader),
    // Async, so that a closed log rejects and does not throw.
    openWriter: async (writer) => openKafkaWriter(stock.take('writer'), runtime, writer),
    joinGroup: async (group) => joinKafkaGroup(stock.take('member'), runtime, group),
    close: () => stock.close(),
  };
}

/** Closes the connections when the member leaves, or cannot join. */
async function joinKafkaGroup(
  connections: Connections,
  runtime: Runtime,
  options: GroupOptions,
): Promise<Membership> {
  try {
    const client = kafkaGroupClient(connections, runtime);
    return closingOnLeave(await joinGroup(client, runtime, options), connections);
  } catch (error) {
    await connections.close();
    throw error;
  }
}

function closingOnLeave(membership: Membership, connections: Connections): Membership {
  return {
    get metadata() {
      return membership.metadata;
    },
    get leaseEndsMs() {
      return membership.leaseEndsMs;
    },
    rejoin: () => membership.rejoin(),
    async leave() {
      try {
        await membership.leave();
      } finally {
        await connections.close();
      }
    },
  };
}
