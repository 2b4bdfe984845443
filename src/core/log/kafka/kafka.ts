import { systemRuntime } from '../../runtime/system-runtime.ts';
import { joinGroup } from '../group/membership.ts';
import type { Log, Membership } from '../port.ts';
import { parseBrokers } from './connection-options.ts';
import type { LentConnections } from './connection-lending.ts';
import { type ConnectionRole, ConnectionStock } from './connection-stock.ts';
import type { Connections } from './connections.ts';
import { kafkaAdmin } from './kafka-admin.ts';
import { openKafkaConnections } from './kafka-connections.ts';
import { kafkaGroupClient } from './kafka-group-client.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { kafkaReader } from './kafka-reader.ts';
import { openKafkaWriter } from './kafka-writer.ts';

/**
 * A log on a Kafka cluster, version 3.1 or later. Nothing is connected until it is used; each
 * reader, writer and membership has connections of its own.
 *
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
    openWriter: async (writer) =>
      withConnections(stock.take('writer'), (own) => openKafkaWriter(own, runtime, writer)),
    joinGroup: async (group) =>
      withConnections(stock.take('member'), async (own) =>
        closingOnLeave(await joinGroup(kafkaGroupClient(own, runtime), runtime, group), own),
      ),
    close: () => stock.close(),
  };
}

/** Closed again if what they are for does not come about. */
async function withConnections<T>(
  connections: Connections,
  open: (connections: Connections) => Promise<T>,
): Promise<T> {
  try {
    return await open(connections);
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
