import { setTimeout as sleep } from 'node:timers/promises';
import {
  embedded,
  json,
  memoryBackend,
  produce,
  readCommitted,
  run,
  string,
  type Topology,
  type Worker,
} from '../../../src/index.ts';
import type { QuarantinedEvent } from '../../../src/topologies/intake.ts';
import type { Sent } from './requests.ts';

const partitions = 3;
const serdes = { key: string(), value: json<unknown>() };

/** More than the topics that a record can pass one after the other. */
const hops = 8;

/** Workers of one application on an embedded log. */
export interface Site {
  send(records: readonly Sent[]): Promise<void>;
  /** One of the workers leaves, and a new one without any state comes. */
  replaceWorker(): Promise<void>;
  /** Until no task has anything left to do. */
  caughtUp(): Promise<void>;
  /** By node and reason, of all workers since the start. */
  dropped(): Readonly<Record<string, number>>;
  quarantined(): Promise<readonly QuarantinedEvent[]>;
  close(): Promise<void>;
}

export async function startSite(topology: Topology): Promise<Site> {
  const log = embedded({ partitions });
  const left: Worker[] = [];
  const workers: Worker[] = [];
  const start = async () => {
    const instanceId = `worker-${left.length + workers.length}`;
    const options = { commitInterval: '200ms', heartbeatInterval: '100ms' } as const;
    workers.push(await run(topology, { ...options, log, state: memoryBackend(), instanceId }));
  };
  await start();
  await start();
  /** While tasks move, nobody knows of what is left for them. */
  const isSharedOut = () => {
    const tasks = workers.flatMap((worker) => worker.status().tasks);
    const running = tasks.filter(({ state }) => state === 'running');
    return running.length === topology.subTopologies.length * partitions;
  };
  return {
    send: (records) => produce(log, 'requests', serdes, records),
    async replaceWorker() {
      const [worker] = workers.splice(0, 1);
      await worker?.close();
      if (worker !== undefined) left.push(worker);
      await start();
    },
    async caughtUp() {
      for (let hop = 0; hop < hops; hop += 1) {
        await Promise.all(workers.map((worker) => worker.caughtUp()));
        if (isSharedOut()) continue;
        hop = 0;
        await sleep(20);
      }
    },
    dropped() {
      const counts: Record<string, number> = {};
      for (const worker of [...left, ...workers]) {
        for (const [place, count] of Object.entries(worker.status().droppedByNode)) {
          counts[place] = (counts[place] ?? 0) + count;
        }
      }
      return counts;
    },
    async quarantined() {
      const forms = { key: string(), value: json<QuarantinedEvent>() };
      const records = await readCommitted(log, 'quarantine', forms);
      return records.flatMap(({ value }) => value ?? []);
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await log.close();
    },
  };
}
