import { kafka, run } from '../../../src/index.ts';
import type { Log } from '../../../src/core/log/port.ts';
import { kafkaOver } from '../../../src/core/log/kafka/kafka.ts';
import { openKafkaConnections } from '../../../src/core/log/kafka/connections/kafka-connections.ts';
import { tortureTopology } from '../topology.ts';
import { brokenLog, retryingCommits } from './broken-log.ts';
import { Freezer, freezingLog } from './freezing-log.ts';
import { pacedLog } from './paced-log.ts';
import { sessionTimeoutMs, type WorkerOptions, type WorkerOrder } from './worker-options.ts';

/** The parent is this project's own `crew.ts`. */
await main(JSON.parse(process.argv[2] ?? '') as WorkerOptions);

async function main(options: WorkerOptions): Promise<void> {
  const { instanceId, stateDir, recordsPerSecond, breakage } = options;
  const freezer = new Freezer();
  const pace = { recordsPerSecond };
  const log = freezingLog(pacedLog(logOf(options), pace), freezer);
  process.on('message', (message) => {
    const order = message as WorkerOrder; // as crew.ts sends
    if ('freezeBefore' in order) freezer.freezeBefore(order.freezeBefore, order.askedMs);
    else pace.recordsPerSecond = order.recordsPerSecond;
  });
  const worker = await run(tortureTopology(), {
    log: breakage === null ? log : brokenLog(log, breakage),
    stateDir,
    instanceId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: sessionTimeoutMs / 6,
    maxTaskIdle: 'forever',
    logger: { debug: () => undefined, info: tell, warn: tell, error: tell },
  });
  process.once('SIGTERM', () => void worker.close());
  const die = () => process.exit(1);
  // Nobody is left to work for.
  process.once('disconnect', die);
  await worker.finished;
  await log.close();
  process.off('disconnect', die);
  process.disconnect();
}

function logOf({ brokers, instanceId, breakage }: WorkerOptions): Log {
  const options = { brokers, clientId: instanceId };
  if (breakage !== 'commit-retried') return kafka(options);
  return kafkaOver((role) => {
    const connections = openKafkaConnections({ ...options, clientId: `${instanceId}-${role}` });
    return role === 'writer' ? retryingCommits(connections) : connections;
  }, options);
}

function tell(message: string, fields?: Readonly<Record<string, unknown>>): void {
  console.error(message, fields ?? '');
}
