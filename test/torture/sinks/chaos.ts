import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../src/core/log/port.ts';
import { seededRandom } from '../../../src/core/runtime/seeded-random.ts';
import { kafka } from '../../../src/index.ts';
import { startKafka } from '../../kafka/support/start-kafka.ts';
import { startDatabaseLine } from '../../sinks/support/database-line.ts';
import { multisetDifferences } from '../../sinks/support/multisets.ts';
import { feedRows, outboxLines, wordsTopic } from '../../sinks/support/numbered-rows.ts';
import { startDatabase, type TestedDatabase } from '../../sinks/support/tested-database.ts';
import { crewDisturbances, type Strikes } from '../crew/crew-disturbances.ts';
import { Crew } from '../crew/crew.ts';
import { disturb } from '../crew/disturbances.ts';
import { deliverySteps, type Step } from '../crew/steps.ts';
import { withDirectory } from '../with-directory.ts';
import type { SinkTortureOptions } from './arguments.ts';
import { databaseDisturbances } from './disturbances.ts';
import { application, type SinkWorkerOptions } from './worker-options.ts';

const workers = 3;
const partitions = 4;
const fedAtOnce = 120;
const feedEveryMs = 200;
const maxCatchUpMs = 240_000;
const shownDifferences = 5;
const gapMs = [0, 700] as const;
const aims: readonly (Step | null)[] = ['commit', 'committed', ...deliverySteps, null, null, null];
const strikes: Strikes = {
  killBefore: aims,
  diskLostChance: 0,
  freezeBefore: aims,
  frozenSessions: [1.3, 1.9],
};

/** Answers how many rows differ. */
export async function sinkChaos(options: SinkTortureOptions): Promise<number> {
  const [cluster, database] = await Promise.all([
    startKafka({ version: '4.1.1' }),
    startDatabase(options.kind),
  ]);
  const log = kafka({ brokers: cluster.brokers });
  try {
    const { brokers } = cluster;
    return await withDirectory((directory) => {
      return chaosOn({ log, database, directory, brokers }, options);
    });
  } finally {
    await log.close();
    await database.stop();
    await cluster.stop();
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
  const script = join(import.meta.dirname, 'worker.js');
  const told = (): SinkWorkerOptions => ({ brokers, kind, databasePort: line.port, breakage });
  const crew = new Crew({ workers, script, told, directory });
  const feeder = new Feeder(log);
  try {
    feeder.start();
    crew.start();
    const random = seededRandom(seed);
    const disturbances = [
      ...crewDisturbances(crew, counts, { strikes, random }),
      ...databaseDisturbances({ database, line, random }, counts),
    ];
    const happened = await disturb(disturbances, { random, gapMs, isOver: () => false });
    const fed = await feeder.stop();
    const isCaughtUp = await untilDelivered(database, fed);
    await crew.stop();
    const outbox = await outboxLines(log, application);
    const found = multisetDifferences(outbox, await database.lines());
    if (!isCaughtUp) console.log('  not all rows were delivered');
    if (outbox.length !== fed) console.log(`  the outbox has ${outbox.length} of ${fed} rows`);
    found.slice(0, shownDifferences).forEach((difference) => console.log(`  ${difference}`));
    crew.complaints.forEach((complaint) => console.log(`  note: ${complaint}`));
    const duplicates = found.filter((difference) => difference.startsWith('+')).length;
    const broken = breakage === null ? '' : `, broken: ${breakage}`;
    console.log(happened);
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
