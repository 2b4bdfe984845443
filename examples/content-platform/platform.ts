import { join } from 'node:path';
import { embedded, type Log, type Topology, type Worker } from '../../src/index.ts';
import { openGeo } from '../../src/topologies/geo.ts';
import { prepare } from '../program/directory.ts';
import { openFeeder } from '../program/feeder.ts';
import type { Output } from '../program/output.ts';
import { topicSettings } from '../program/topic-settings.ts';
import { startWorkers } from '../program/workers.ts';
import type { Settings } from './arguments.ts';
import { platformEvents } from './generator.ts';
import { countryDatabase } from './geo-database.ts';
import { platformNumbers } from './numbers.ts';
import { openPage } from './page/server.ts';
import { tablesAt } from './tables.ts';
import { terminalOn } from './terminal.ts';
import { contentPlatform, topics } from './topology.ts';
import { topicLags } from './topic-lag.ts';
import { maxSkewMs, watchPlatform } from './watch-platform.ts';

const partitions = 4;
const zone = 'America/New_York';

/** Runs until so many events are done, else until the signal. */
export async function runPlatform(
  settings: Settings,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const { directory } = settings;
  // Before anything is emptied: a wrong URL must not cost what is there.
  const tables = await Promise.all(settings.sinks.map(tablesAt));
  const geo = await openGeo({ databases: [countryDatabase] });
  await prepare(settings);
  const log = embedded({ directory: join(directory, 'log'), partitions });
  try {
    const topology = contentPlatform({ geo, tables, zone, skew: maxSkewMs });
    await makeTopics(log);
    await runOn(log, topology, { settings, out, signal });
  } finally {
    await log.close();
    geo.close();
  }
}

interface Surroundings {
  readonly settings: Settings;
  readonly out: Output;
  readonly signal: AbortSignal;
}

async function runOn(log: Log, topology: Topology, around: Surroundings): Promise<void> {
  const { settings, out, signal } = around;
  const source = platformEvents(settings.seed, settings.events);
  const name = 'content-platform';
  const feeder = await openFeeder({ name, log, topic: topics.events, partitions, source });
  const numbers = platformNumbers(log, partitions);
  const opened: Closable[] = [feeder, numbers];
  let workers: readonly Worker[] = [];
  try {
    const page = await openPage({ topology, ...settings });
    opened.push(page);
    workers = await startWorkers(topology, settings, { log, http: { port: 0 } });
    out.write(
      `The page is at ${page.url} and metrics are at ${workers[0]?.httpUrl ?? ''}/metrics\n`,
    );
    const lags = topicLags(log.admin, topology, topics.events);
    const terminal = terminalOn(out);
    await watchPlatform({ settings, feeder, numbers, page, workers, lags, terminal, zone, signal });
  } finally {
    await closeAll(workers, opened);
  }
}

interface Closable {
  close(): Promise<void>;
}

/** Each of them, whatever becomes of the others: what stays open would keep the process running. */
async function closeAll(workers: readonly Worker[], others: readonly Closable[]): Promise<void> {
  const closed = [
    ...(await Promise.allSettled(workers.map((worker) => worker.close()))),
    ...(await Promise.allSettled(others.map((other) => other.close()))),
  ];
  for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
}

async function makeTopics({ admin }: Log): Promise<void> {
  const compacted: readonly string[] = [
    topics.liveSessions,
    topics.liveUsers,
    topics.viewsPerMinute,
    topics.viewsPerPage,
    topics.viewsPerCountry,
  ];
  await admin.createTopics(
    Object.values(topics).map((topic) => {
      const cleanup = compacted.includes(topic) ? 'compact' : 'delete';
      return { topic, partitions, cleanup, settings: topicSettings };
    }),
  );
}
