import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../src/core/log/port.ts';
import { seededRandom } from '../../../src/core/runtime/seeded-random.ts';
import { kafka } from '../../../src/index.ts';
import { startKafka } from '../../kafka/support/start-kafka.ts';
import { startDatabaseLine } from '../../sinks/support/database-line.ts';
import {
  feedRows,
  multisetDifferences,
  outboxLines,
  wordsTopic,
} from '../../sinks/support/numbered-rows.ts';
import { startDatabase, type TestedDatabase } from '../../sinks/support/tested-database.ts';
import type { SinkTortureOptions } from './arguments.ts';
import { SinkCrew } from './crew.ts';
import { disturbSinks } from './disturbances.ts';
import { application } from './worker-options.ts';

const workers = 3;
const partitions = 4;
const fedAtOnce = 120;
const feedEveryMs = 200;
const maxCatchUpMs = 240_000;
const shownDifferences = 5;

/** Answers how many rows differ. */
export async function sinkChaos(options: SinkTortureOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-sinks-'));
  const [cluster, database] = await Promise.all([
    startKafka({ version: '4.1.1' }),
    startDatabase(options.kind),
  ]);
  const log = kafka({ brokers: cluster.brokers });
  try {
    return await chaosOn({ log, database, directory, brokers: cluster.brokers }, options);
  } finally {
    await log.close();
    await database.stop();
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Place {
  readonly log: Log;
  readonly database: TestedDatabase;
  readonly directory: string;
  readonly brokers: readonly string[];
}

async function chaosOn(place: Place, options: SinkTortureOptions): Promise<number> {
  const { log, database, directory, brokers } = place;
  const { kind, counts, seed, breakage } = options;
  await log.admin.createTopics([
    { topic: wordsTopic, partitions, cleanup: 'delete', settings: { 'retention.ms': '-1' } },
  ]);
  const line = await startDatabaseLine(database.port);
  const crew = new SinkCrew({
    brokers,
    kind,
    databasePort: line.port,
    breakage,
    workers,
    directory,
  });
  const feeder = new Feeder(log);
  try {
    feeder.start();
    crew.start();
    const random = seededRandom(seed);
    const done = await disturbSinks(counts, { crew, database, line, random });
    const fed = await feeder.stop();
    const isCaughtUp = await untilDelivered(database, fed);
    await crew.stop();
    const outbox = await outboxLines(log, application);
    const found = multisetDifferences(outbox, await database.lines());
    if (!isCaughtUp) console.log('  not all rows were delivered');
    if (outbox.length !== fed) console.log(`  the outbox has ${outbox.length} of ${fed} rows`);
    found.slice(0, shownDifferences).forEach((difference) => console.log(`  ${difference}`));
    crew.complaints.forEach((complaint) => console.log(`  note: ${complaint}`));
    const happened = [...done].map(([what, count]) => `${count} x ${what}`).sort();
    const duplicates = found.filter((difference) => difference.startsWith('+')).length;
    const broken = breakage === null ? '' : `, broken: ${breakage}`;
    console.log(happened.join(', '));
    console.log(
      `${kind}: ${outbox.length} rows in the outbox, ${duplicates} duplicates, ` +
        `${found.length - duplicates} missing (seed ${seed}${broken})`,
    );
    return found.length + (isCaughtUp ? 0 : 1) + Math.abs(outbox.length - fed);
  } finally {
    await feeder.stop();
    crew.killAll();
    await line.close();
  }
}

/** Writes rows to the input, some now and then, until it is stopped. */
class Feeder {
  private fed = 0;
  private isStopped = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly log: Log) {}

  start(): void {
    this.loop = this.run();
  }

  /** How many there are. */
  async stop(): Promise<number> {
    this.isStopped = true;
    await this.loop;
    return this.fed;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      await feedRows(this.log, this.fed, this.fed + fedAtOnce);
      this.fed += fedAtOnce;
      await sleep(feedEveryMs);
    }
  }
}

/** Resolves once the database has each row at least once; false: not in time. */
async function untilDelivered(database: TestedDatabase, fed: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < maxCatchUpMs; waitedMs += 500) {
    const lines = await database.lines().catch(() => []);
    if (new Set(lines).size >= fed) return true;
    await sleep(500);
  }
  return false;
}
