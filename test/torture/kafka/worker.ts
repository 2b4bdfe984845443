import { kafka } from '../../../src/index.ts';
import type { Log } from '../../../src/core/log/port.ts';
import { kafkaOver } from '../../../src/core/log/kafka/kafka.ts';
import { openKafkaConnections } from '../../../src/core/log/kafka/connections/kafka-connections.ts';
import { Striker } from '../crew/striker.ts';
import { told, work, type WorkerPlace } from '../crew/work.ts';
import { tortureTopology } from '../topology.ts';
import { brokenLog, retryingCommits } from './broken-log.ts';
import { pacedLog } from './paced-log.ts';
import type { PaceOrder, WorkerOptions } from './worker-options.ts';

await main(told<WorkerOptions>());

async function main(options: WorkerOptions & WorkerPlace): Promise<void> {
  const { instanceId, stateDir, recordsPerSecond, breakage } = options;
  const striker = new Striker();
  striker.listen();
  const pace = { recordsPerSecond };
  process.on('message', (message: object) => {
    if ('recordsPerSecond' in message) Object.assign(pace, message as PaceOrder); // as chaos.ts sends
  });
  const log = striker.watch(pacedLog(logOf(options), pace));
  await work(tortureTopology(), {
    log: breakage === null ? log : brokenLog(log, breakage),
    stateDir,
    instanceId,
    maxTaskIdle: 'forever',
  });
}

function logOf({ brokers, instanceId, breakage }: WorkerOptions & WorkerPlace): Log {
  const options = { brokers, clientId: instanceId };
  if (breakage !== 'commit-retried') return kafka(options);
  return kafkaOver((role) => {
    const connections = openKafkaConnections({ ...options, clientId: `${instanceId}-${role}` });
    return role === 'writer' ? retryingCommits(connections) : connections;
  }, options);
}
