import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../src/core/log/port.ts';
import { readBootId } from '../../../src/core/runtime/boot-id.ts';
import {
  kafka,
  onUpdate,
  run,
  string,
  type Topology,
  TopologyBuilder,
  type Worker,
} from '../../../src/index.ts';
import { levelBackend } from '../../../src/state/level/level-backend.ts';
import { type DeathAt, mortalPorts } from '../../torture/mortal-ports.ts';
import { overriding } from '../../torture/overriding.ts';
import { type KeeperOptions, type KeeperReport, keeperStore } from './keeper-options.ts';

const pollMs = 5;

/** The parent is this project's own `keeper-process.ts`. */
await main(JSON.parse(process.argv[2] ?? '') as KeeperOptions);

/** Keeps the last value of each key until it is told to stop, or dies. */
async function main(options: KeeperOptions): Promise<void> {
  const { brokers, instanceId, stateDir, deathAt, sessionTimeout, standbyReplicas } = options;
  const log = patient(kafka({ brokers, clientId: instanceId }), options);
  // Nobody is left to work for.
  process.once('disconnect', () => process.exit(1));
  const worker = await run(lastValues(options), {
    ...(deathAt === null ? { log } : mortal(log, options, deathAt)),
    stateDir,
    instanceId,
    standbyReplicas,
    sessionTimeout,
    heartbeatInterval: Math.min(3_000, sessionTimeout / 6),
  });
  process.once('SIGTERM', () => void worker.close());
  await reporting(worker);
  await log.close();
  process.exit();
}

function patient(log: Log, { transactionTimeoutMs }: KeeperOptions): Log {
  if (transactionTimeoutMs === null) return log;
  return overriding(log, {
    openWriter: (writer) => log.openWriter({ ...writer, transactionTimeoutMs }),
  });
}

/** Dies at a call to one of its ports. */
function mortal(log: Log, { stateDir }: KeeperOptions, deathAt: DeathAt) {
  const bootId = readBootId();
  const state = levelBackend({ directory: stateDir, bootId, sleep: (delayMs) => sleep(delayMs) });
  const ports = mortalPorts({ log, backend: state }, deathAt);
  return { log: ports.log, state: ports.backend };
}

function lastValues({ application, input, output }: KeeperOptions): Topology {
  const builder = new TopologyBuilder(application);
  const text = { key: string(), value: string() };
  builder
    .stream(input, text)
    .groupByKey()
    .reduce((_before, value) => value, { name: keeperStore, emit: onUpdate() })
    .toStream()
    .to(output);
  return builder.build();
}

/** Until the worker is closed. */
async function reporting(worker: Worker): Promise<void> {
  let told = '';
  while (worker.state !== 'closed') {
    const report = reportOf(worker);
    const text = JSON.stringify(report);
    if (text !== told) process.send?.(report);
    told = text;
    await Promise.race([sleep(pollMs), worker.finished]);
  }
}

function reportOf(worker: Worker): KeeperReport {
  const { commits, recordsIn, restoredRecords, tasks, copies } = worker.status();
  return {
    commits,
    recordsIn,
    restoredRecords,
    runningTasks: tasks.filter(({ state }) => state === 'running').length,
    readyCopies: copies.filter(({ isReady }) => isReady).length,
  };
}
