import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { EmbeddedBroker } from '../../../src/core/log/embedded/broker.ts';
import { GroupCoordinator } from '../../../src/core/log/embedded/group-coordinator.ts';
import { memoryStorage } from '../../../src/core/log/embedded/memory-storage.ts';
import type { Log } from '../../../src/core/log/port.ts';
import type { RandomSource } from '../../../src/core/runtime/runtime.ts';
import { systemRuntime } from '../../../src/core/runtime/system-runtime.ts';
import { processLog } from '../../support/process-log.ts';
import { multisetDifferences } from '../support/multisets.ts';
import { feedRows, outboxLines } from '../support/numbered-rows.ts';
import type { TestedDatabase } from '../support/tested-database.ts';
import { Life, type Strike } from './life.ts';

const partitions = 2;
const rowsPerFault = 40;
const patienceMs = 20_000;
let applications = 0;

/** One log, one database, and a worker after the other that something happens to. */
export class CrashScene {
  readonly application = `app${applications++}`;
  readonly log: Log;
  private readonly shared;
  private readonly lives: Life[] = [];
  private fed = 0;
  private places = 0;
  private name = '';
  private life: Life | null = null;

  constructor(
    private readonly database: TestedDatabase,
    private readonly random: RandomSource,
  ) {
    const coordinator = new GroupCoordinator(systemRuntime);
    const broker = new EmbeddedBroker({
      storage: memoryStorage(),
      clock: systemRuntime.clock,
      groups: coordinator,
      partitions,
      maxMessageBytes: 1_000_000,
    });
    this.shared = { broker, coordinator };
    this.log = processLog(this.shared, systemRuntime, (_request, go) => go());
  }

  /** A worker that has delivered all there is. */
  async begin(): Promise<Life> {
    await this.feed();
    this.life = await this.start('worker-0');
    await this.life.worker.caughtUp();
    return this.life;
  }

  async feed(): Promise<void> {
    await feedRows(this.log, this.fed, this.fed + rowsPerFault);
    this.fed += rowsPerFault;
  }

  /** The worker dies at the point; another in its place delivers the rest. */
  async kill(strike: Omit<Strike, 'blow'>): Promise<void> {
    await this.strike({ ...strike, blow: 'die' });
    await this.replace(this.name);
  }

  /** The worker stands still at the point, another works on, and then it goes on. */
  async freeze(strike: Omit<Strike, 'blow'>): Promise<void> {
    const zombie = await this.strike({ ...strike, blow: 'stand' });
    // Under the same name the group takes the new one at once, under another after the session.
    const isOther = this.random.next() < 0.2;
    await this.replace(isOther ? `worker-${++this.places}` : this.name);
    zombie.wake();
    if (!isOther) await zombie.worker.finished.catch(() => undefined);
    await zombie.end();
    await this.feed();
    await this.untilAllIsThere();
  }

  /** The connections end at the point, and the worker goes on. */
  async cut(strike: Omit<Strike, 'blow'>): Promise<void> {
    const life = await this.strike({ ...strike, blow: 'cut' });
    await life.worker.caughtUp();
  }

  /** The database dies at the point, and comes back. */
  async killDatabase(strike: Omit<Strike, 'blow'>): Promise<void> {
    const life = await this.strike({ ...strike, blow: 'stand' });
    await this.database.kill();
    life.wake();
    await this.database.restart();
    await life.worker.caughtUp();
  }

  /** The database is as it was before some rows; answers what the worker says, and mends it. */
  async goBack(): Promise<unknown> {
    const restoreOld = await this.database.backUp();
    await this.feedAndDeliver();
    const restoreNew = await this.database.backUp();
    const isAtRest = this.random.next() < 0.5;
    if (isAtRest) await this.rest();
    await restoreOld();
    const before = await this.database.lines();
    await this.feed();
    const failure = isAtRest ? await this.failureOfStart() : await this.failure();
    expect(multisetDifferences(before, await this.database.lines())).toEqual([]);
    await restoreNew();
    await this.replace(this.name);
    return failure;
  }

  /** The same to a database that cannot tell; answers with the lines that were lost. */
  async loseRows(): Promise<readonly string[]> {
    const restoreOld = await this.database.backUp();
    const before = await this.database.lines();
    await this.feedAndDeliver();
    const lost = multisetDifferences(await this.database.lines(), before);
    await restoreOld();
    await this.feedAndDeliver();
    return lost;
  }

  /** What a worker says that finds the topic gone. */
  async startWithout(topic: (application: string) => string): Promise<unknown> {
    await this.rest();
    await this.log.admin.deleteTopics([topic(this.application)]);
    return this.failureOfStart();
  }

  async feedAndDeliver(): Promise<void> {
    await this.feed();
    await this.life?.worker.caughtUp();
  }

  /** Until the worker has all partitions back that another had. */
  private async untilAllIsThere(): Promise<void> {
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 50) {
      await this.life?.worker.caughtUp();
      const missing = (await this.differences()).filter((line) => !line.startsWith('+'));
      if (missing.length === 0) return;
      await sleep(50);
    }
  }

  /** What the database has less or more than the outbox, which holds all that was fed. */
  async differences(): Promise<readonly string[]> {
    const outbox = await outboxLines(this.log, this.application);
    if (outbox.length !== this.fed) return [`the outbox has ${outbox.length} of ${this.fed} rows`];
    return multisetDifferences(outbox, await this.database.lines());
  }

  /** The worker stops in peace. */
  async rest(): Promise<void> {
    await this.life?.end();
  }

  async start(instanceId: string): Promise<Life> {
    const { database, application, shared } = this;
    this.name = instanceId;
    const life = await Life.start({ ...shared, database, application, instanceId });
    this.lives.push(life);
    return life;
  }

  async close(): Promise<void> {
    await this.rest();
    await Promise.all(this.lives.map((life) => life.closeLine()));
    this.shared.coordinator.close();
  }

  private async strike(strike: Strike): Promise<Life> {
    const { life } = this;
    if (life === null) throw new Error('Nobody works.');
    const struck = life.arm(strike);
    await this.feed();
    const late = sleep(patienceMs, 'late' as const, { ref: false });
    const isLate = (await Promise.race([struck, late])) === 'late';
    if (isLate) throw new Error(`Not struck: ${JSON.stringify(strike)}.`);
    return life;
  }

  private async failureOfStart(): Promise<unknown> {
    try {
      this.life = await this.start(this.name);
    } catch (error) {
      return error;
    }
    return this.failure();
  }

  private async failure(): Promise<unknown> {
    return this.life?.worker.finished.then(
      () => null,
      (error: unknown) => error,
    );
  }

  private async replace(instanceId: string): Promise<void> {
    this.life = await this.start(instanceId);
    await this.feed();
    await this.life.worker.caughtUp();
  }
}
