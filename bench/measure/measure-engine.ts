import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log, TopicPartition } from '../../src/core/log/port.ts';
import { type Duration, type Topology, run } from '../../src/index.ts';
import { untilCommitted } from '../log/progress.ts';
import { partitionsOf } from '../log/read-topic.ts';
import { startScraper } from './scraper.ts';
import { type Cost, collectGarbage, costSince, snapshot } from './cpu.ts';

export interface EngineRun {
  readonly log: Log;
  readonly topology: Topology;
  readonly commitInterval: Duration;
  /** Filled before. */
  readonly inputTopics: readonly string[];
  /** In all of them. */
  readonly records: number;
  /** Whether its metrics are asked for all the while. */
  readonly isScraped?: boolean;
}

/** Processes all input; the cost is that of the last three quarters. */
export async function measureEngine(engineRun: EngineRun): Promise<Cost> {
  return withStateDir(async (stateDir) => {
    collectGarbage();
    const { log, topology, commitInterval, records, isScraped = false } = engineRun;
    const worker = await run(topology, {
      log,
      stateDir,
      commitInterval,
      guarantee: 'exactly-once',
      ...(isScraped ? { http: { port: 0 } } : {}),
    });
    const scraper = worker.httpUrl === null ? null : startScraper(worker.httpUrl);
    const partitions = await inputPartitions(engineRun);
    const group = topology.application;
    const until = (target: number) => untilCommitted(log, { group, partitions, target, worker });
    const warm = await until(records / 4);
    const start = snapshot();
    await until(records);
    // Behind the input there may be internal topics.
    await worker.caughtUp();
    const cost = costSince(start, records - warm);
    scraper?.stop();
    await worker.close();
    return cost;
  });
}

async function inputPartitions({ log, inputTopics }: EngineRun): Promise<TopicPartition[]> {
  const perTopic = await Promise.all(inputTopics.map((topic) => partitionsOf(log, topic)));
  return perTopic.flat();
}

/** Gives an empty directory for state, which is gone afterwards. */
export async function withStateDir<T>(use: (stateDir: string) => Promise<T>): Promise<T> {
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  try {
    return await use(stateDir);
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}
