import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilCaughtUp } from '../../../bench/log/progress.ts';
import { partitionsOf, undecided } from '../../../bench/log/read-topic.ts';
import type { Log } from '../../../src/core/log/port.ts';
import { openKafkaConnections } from '../../../src/core/log/kafka/connections/kafka-connections.ts';
import { seededRandom } from '../../../src/core/runtime/seeded-random.ts';
import { kafka } from '../../../src/index.ts';
import { startKafkaProxy } from '../../kafka/support/kafka-proxy.ts';
import { type KafkaCluster, startKafka } from '../../kafka/support/start-kafka.ts';
import { differences } from '../compare.ts';
import { crewDisturbances } from '../crew/crew-disturbances.ts';
import { Crew } from '../crew/crew.ts';
import { disturb } from '../crew/disturbances.ts';
import type { Dump } from '../dump.ts';
import { partitions, writeInput } from '../input.ts';
import {
  application,
  clicksTopic,
  finalOutputs,
  orderedOutputs,
  peopleTopic,
  topicsToRead,
  tortureTopology,
} from '../topology.ts';
import { withDirectory } from '../with-directory.ts';
import type { ChaosOptions } from './arguments.ts';
import { consoleDump } from './console-dump.ts';
import { clusterDisturbances, expectedSeconds } from './disturbances.ts';
import { undisturbed } from './expected.ts';
import type { PaceOrder, WorkerOptions } from './worker-options.ts';

const workers = 4;
/** Small, so that the input can come in slowly. */
const maxBatchRecords = 20;
/** In records a second, once nothing is disturbed any more. */
const fullSpeed = 1_000_000;
const maxCatchUpMs = 240_000;
/** Twice the longest that a transaction of these workers may stay open. */
const maxHangingMs = 20_000;

/** Answers how many differences there were. */
export async function chaos(options: ChaosOptions): Promise<number> {
  const cluster = await startKafka({ version: options.version, brokers: 3, proxied: true });
  try {
    return await withDirectory((directory) => chaosOn(cluster, directory, options));
  } finally {
    await cluster.stop();
  }
}

async function chaosOn(
  cluster: KafkaCluster,
  directory: string,
  options: ChaosOptions,
): Promise<number> {
  const { seed, records, breakage, counts, hunt } = options;
  const log = kafka({ brokers: cluster.brokers });
  await createTopics(log);
  await writeInput(log, { seed, records, maxBatchRecords });
  const expected = await undisturbed({ seed, records });
  const random = seededRandom(seed);
  const proxy = await startKafkaProxy({ routes: cluster.routes, random: () => random.next() });
  const brokers = cluster.routes.map(({ listenPort }) => `127.0.0.1:${listenPort}`);
  const seconds = expectedSeconds(counts, hunt, workers);
  const pace = { recordsPerSecond: Math.ceil(records / seconds / workers) };
  const script = join(import.meta.dirname, 'worker.js');
  const told = (): WorkerOptions => ({ brokers, ...pace, breakage });
  const crew = new Crew({ workers, script, told, directory });
  let isOver = false;
  let isGivenUp = false;
  try {
    crew.start();
    const caughtUp = untilAllCaughtUp(log, () => isGivenUp).then(() => {
      isOver = true;
    });
    const coordinators = () => coordinatorsOf(cluster);
    const disturbances = [
      ...crewDisturbances(crew, counts, { strikes: hunt, random }),
      ...clusterDisturbances({ cluster, proxy, random, hunt, coordinators }, counts),
    ];
    const happened = await disturb(disturbances, { ...hunt, random, isOver: () => isOver });
    proxy.clear();
    proxy.cutAll();
    pace.recordsPerSecond = fullSpeed;
    crew.tell(pace satisfies PaceOrder);
    const isCaughtUp = await within(caughtUp, maxCatchUpMs);
    await crew.stop();
    const found = [
      ...(isCaughtUp ? [] : ['not all input was processed']),
      ...(await hangingTransactions(log)),
      ...(await differencesIn(cluster, expected)),
    ];
    found.forEach((line) => console.log(`  ${line}`));
    crew.complaints.forEach((line) => console.log(`  note: ${line}`));
    const faults = [...proxy.faults].map(([what, count]) => `${what} ${count}`).sort();
    console.log(`${happened}; answers: ${faults.join(', ')}`);
    const broken = breakage === null ? '' : `, broken: ${breakage}`;
    console.log(
      `${found.length} differences (Kafka ${cluster.version}, ${records} records, seed ${seed}${broken})`,
    );
    return found.length;
  } finally {
    isGivenUp = true;
    crew.killAll();
    await proxy.close();
    await log.close();
  }
}

/** Records have old timestamps, so time must not delete them. */
async function createTopics({ admin }: Log): Promise<void> {
  const settings = { 'retention.ms': '-1', 'min.insync.replicas': '2' };
  const topics = [clicksTopic, peopleTopic, ...orderedOutputs, ...finalOutputs];
  await admin.createTopics(
    topics.map((topic) => ({ topic, partitions, cleanup: 'delete', settings })),
  );
}

async function untilAllCaughtUp(log: Log, isGivenUp: () => boolean): Promise<void> {
  for (const topic of topicsToRead(tortureTopology())) {
    while (!isGivenUp()) {
      const found = await partitionsOf(log, topic).catch(() => []);
      const isDone = await untilCaughtUp(log, application, found).then(
        () => found.length > 0,
        () => false,
      );
      if (isDone) break;
      await sleep(500);
    }
  }
}

async function coordinatorsOf({ brokers }: KafkaCluster): Promise<readonly number[]> {
  const connections = openKafkaConnections({ brokers, clientId: 'chaos' });
  try {
    const group = await connections.coordinatorOf('group', application);
    const ids = Array.from({ length: workers }, (_, index) => `${application}-worker-${index}`);
    const transactional = ids.map((id) => connections.coordinatorOf('transaction', id));
    return [...new Set([group, ...(await Promise.all(transactional))])];
  } finally {
    await connections.close();
  }
}

async function within(done: Promise<void>, maxMs: number): Promise<boolean> {
  const patience = new AbortController();
  const late = sleep(maxMs, false, { signal: patience.signal }).catch(() => false);
  const isDone = await Promise.race([done.then(() => true), late]);
  patience.abort();
  return isDone;
}

/** Partitions whose readers are held back although nobody works any more. */
async function hangingTransactions(log: Log): Promise<string[]> {
  const topics = [...orderedOutputs, ...finalOutputs, ...internalTopics()];
  const partitionLists = await Promise.all(topics.map((topic) => partitionsOf(log, topic)));
  const places = partitionLists.flat();
  for (let waitedMs = 0; ; waitedMs += 1_000) {
    const hanging = await undecided(log, places);
    if (hanging.length === 0) return [];
    if (waitedMs >= maxHangingMs) {
      return hanging.map(({ topic, partition }) => `${topic}-${partition}: a transaction hangs`);
    }
    await sleep(1_000);
  }
}

function internalTopics(): readonly string[] {
  return tortureTopology().subTopologies.flatMap(({ stores }) =>
    stores.map(({ name }) => `${application}-${name}-changelog`),
  );
}

async function differencesIn(cluster: KafkaCluster, expected: Dump): Promise<string[]> {
  return differences(expected, await consoleDump(cluster), 'exactly-once');
}
