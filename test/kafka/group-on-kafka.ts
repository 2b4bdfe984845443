import { kafka } from '../../src/core/log/kafka/kafka.ts';
import { openKafkaConnections } from '../../src/core/log/kafka/connections/kafka-connections.ts';
import { kafkaGroupClient } from '../../src/core/log/kafka/group/kafka-group-client.ts';
import type { GroupClient, MemberRequest } from '../../src/core/log/group/protocol.ts';
import { repeatRequest } from '../../src/core/log/group/request.ts';
import type { Runtime } from '../../src/core/runtime/runtime.ts';
import type { GroupMetadata } from '../../src/core/log/port.ts';
import { clientPerInstance } from '../support/client-per-instance.ts';
import type { GroupRuntime, GroupUnderTest } from '../support/group-fixture.ts';
import { uniqueName } from './support/each-kafka.ts';

export interface GroupOnKafka extends GroupUnderTest {
  close(): Promise<void>;
}

/** Groups with names of their own; time stretched as that of the runtime is. */
export function groupOnKafka(
  brokers: readonly string[],
  { runtime, stretch }: { readonly runtime: GroupRuntime; readonly stretch: number },
): GroupOnKafka {
  const name = uniqueName('group');
  const opened: ReturnType<typeof openKafkaConnections>[] = [];
  const client = clientPerInstance(() => {
    const connections = openKafkaConnections({ brokers, clientId: name });
    opened.push(connections);
    return kafkaGroupClient(connections, runtime);
  });
  const log = kafka({ brokers });
  return {
    runtime,
    client: renamed(repeating(client, runtime), name, stretch),
    check: (metadata) => commitOnce(log, name, metadata),
    async close() {
      await Promise.all(opened.map((connections) => connections.close()));
      await log.close();
    },
  };
}

/** Repeats as members do: a cluster that has just started has no coordinators yet. */
function repeating(client: GroupClient, runtime: Runtime): GroupClient {
  const repeat = <T>(send: () => Promise<T>) => repeatRequest(runtime, send, () => true);
  return {
    join: (request) => repeat(() => client.join(request)),
    sync: (request) => repeat(() => client.sync(request)),
    heartbeat: (request) => repeat(() => client.heartbeat(request)),
    leave: (request) => repeat(() => client.leave(request)),
  };
}

function renamed(client: GroupClient, name: string, stretch: number): GroupClient {
  const own = <R extends MemberRequest>(request: R): R => ({
    ...request,
    group: `${name}.${request.group}`,
  });
  return {
    join: (request) =>
      client.join({ ...own(request), sessionTimeoutMs: request.sessionTimeoutMs * stretch }),
    sync: (request) => client.sync(own(request)),
    heartbeat: (request) => client.heartbeat(own(request)),
    leave: (request) => client.leave(own(request)),
  };
}

/** In a transaction, as workers commit; it is aborted. */
async function commitOnce(
  { admin, openWriter }: ReturnType<typeof kafka>,
  name: string,
  metadata: GroupMetadata,
): Promise<void> {
  const topic = `${name}.in`;
  await admin.createTopics([{ topic, partitions: 1, cleanup: 'delete', settings: {} }]);
  const writer = await openWriter({
    transactionalId: uniqueName(name),
    transactionTimeoutMs: 10_000,
  });
  const group = { ...metadata, group: `${name}.${metadata.group}` };
  try {
    await writer.sendOffsets([{ topic, partition: 0, offset: 1, metadata: '' }], group);
    await writer.abort();
  } finally {
    await writer.close();
  }
}
