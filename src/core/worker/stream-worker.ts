import type { GroupListener, Membership } from '../log/port.ts';
import { LogError } from '../model/errors.ts';
import type { InstanceSlot } from '../runtime/instance-slot.ts';
import type { ScheduledCall } from '../runtime/runtime.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { Topology } from '../topology/plan.ts';
import { AssignedWork, type CreatedTaskSettings } from './assigned-work.ts';
import type { AssignableTask } from './assignable-task.ts';
import { AssignExchange, type StateDisk } from './assign-exchange.ts';
import type { GlobalTables } from './global-tables.ts';
import type { MonitoredWorker, Monitoring } from './monitoring.ts';
import type { WorkerSettings } from './run-options.ts';
import { runAll } from './run-all.ts';
import { Signal } from './signal.ts';
import { TurnQueue } from './turn-queue.ts';
import type { StandbyTask } from './standby-place.ts';
import type { Worker, WorkerStatus } from './worker.ts';
import type { MeasuredWorker } from './worker-reading.ts';
import { transition, type WorkerState } from './worker-states.ts';

/** Without work the loop looks around this often: wall-clock timers, tasks that waited enough. */
const maxIdleMs = 100;
/** How often the partitions of the topics are counted again. */
const checkTopicsMs = 5 * 60_000;
/** How often `caughtUp` looks. */
const caughtUpPollMs = 1;

export interface StreamWorkerParts {
  readonly topology: Topology;
  readonly settings: WorkerSettings;
  readonly slot: InstanceSlot;
  readonly stateHash: string;
  readonly tasks: readonly AssignableTask[];
  readonly globals: GlobalTables;
  readonly createTask: (task: AssignableTask, settings: CreatedTaskSettings) => TaskPort;
  readonly createStandby: (task: AssignableTask) => StandbyTask;
  readonly disk: StateDisk;
  /** Null: nobody asks for metrics or health. */
  readonly monitoring: Monitoring | null;
  /** Throws if a topic is no longer what the tasks were cut by. */
  readonly checkTopics: () => Promise<void>;
  readonly beforeRecovery: () => Promise<void>;
}

/** The life of a worker: it joins, loops over turns from outside and rounds of work, and closes. */
export class StreamWorker implements Worker, MonitoredWorker {
  readonly finished: Promise<void>;
  readonly instanceId: string;
  private current: WorkerState = 'starting';
  private readonly signal: Signal;
  private readonly turns: TurnQueue;
  private readonly work: AssignedWork;
  private readonly exchange: AssignExchange;
  private hasToRejoin = false;
  private nextCheck: ScheduledCall | null = null;
  private hurried = 0;
  private rebalances = 0;
  private failure: { readonly error: unknown } | null = null;
  private loop: Promise<void> = Promise.resolve();
  private finish: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(private readonly parts: StreamWorkerParts) {
    this.instanceId = parts.slot.instanceId;
    this.finished = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    // Whoever is interested awaits it; a failure nobody awaits must not end the process.
    this.finished.catch(() => undefined);
    this.signal = new Signal(parts.settings.runtime.scheduler);
    this.turns = new TurnQueue(() => this.signal.notify());
    const { application, nodes } = parts.topology;
    this.exchange = new AssignExchange({
      ...parts,
      application,
      rejoin: () => this.rejoin(),
    });
    this.work = new AssignedWork({
      ...parts,
      application,
      nodes,
      instanceId: this.instanceId,
      isHurried: () => this.hurried > 0,
      beforeOpen: (task) => this.exchange.beforeOpen(task),
      beforeRestore: (task) => this.exchange.beforeRestore(task),
      beforeRecovery: async () => {
        await parts.checkTopics().catch(unlessFromLog);
        await parts.beforeRecovery();
      },
      onChange: () => this.signal.notify(),
      onFailed: (error) => this.stopFor(error),
    });
  }

  get state(): WorkerState {
    return this.current;
  }

  get httpUrl(): string | null {
    return this.parts.monitoring?.url ?? null;
  }

  get topology(): Topology {
    return this.parts.topology;
  }

  get isAlive(): boolean {
    return this.failure === null && this.current !== 'closed';
  }

  get isReady(): boolean {
    return this.isAlive && this.current === 'running' && this.work.isRunning;
  }

  /** Joins the group and begins to work. */
  async start(): Promise<void> {
    this.current = transition(this.current, 'running');
    this.loop = this.run();
    try {
      await this.openGlobals();
      await this.work.open();
      this.work.join(await this.join());
      if (this.hasToRejoin) this.rejoin();
    } catch (error) {
      this.stopFor(error);
    }
    if (this.failure === null) return;
    await this.loop;
    await this.work.membership?.leave();
    throw this.failure.error;
  }

  status(): WorkerStatus {
    const counters = this.parts.globals.counters;
    return { ...this.work.status(this.current, counters), copies: this.exchange.copies };
  }

  measured(): MeasuredWorker {
    const { parts, exchange, rebalances, instanceId, current } = this;
    return {
      ...this.work.measured(parts.globals.counters),
      worker: instanceId,
      state: current,
      applicationTasks: parts.tasks.length,
      copies: exchange.copies,
      rebalances,
    };
  }

  async caughtUp(): Promise<void> {
    this.hurried += 1;
    this.work.lookAgain();
    this.parts.globals.lookAgain();
    this.signal.notify();
    try {
      for (;;) {
        if (this.current !== 'running' || this.failure !== null) return await this.finished;
        const isCaughtUp = this.work.isCaughtUp && this.parts.globals.isCaughtUp;
        if (this.turns.isEmpty && isCaughtUp) return;
        await this.parts.settings.runtime.scheduler.sleep(caughtUpPollMs);
      }
    } finally {
      this.hurried -= 1;
    }
  }

  async close(): Promise<void> {
    if (this.current === 'running') {
      this.current = transition(this.current, 'closing');
      this.signal.notify();
    }
    await this.loop;
    if (this.failure !== null) throw this.failure.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async run(): Promise<void> {
    let isClean = false;
    try {
      while (this.current === 'running' && this.failure === null) await this.turn();
      isClean = this.failure === null && (await this.work.commitLast());
    } catch (error) {
      this.stopFor(error);
    }
    await this.shutDown(isClean);
  }

  private async turn(): Promise<void> {
    await this.turns.run();
    const hasRead = await this.parts.globals.turn();
    const hasWorked = await this.work.turn();
    if (hasWorked || hasRead) await this.parts.settings.runtime.scheduler.yieldNow();
    else await this.signal.wait(Math.max(1, Math.min(maxIdleMs, this.work.idleMs)));
  }

  /** Before the group can give out a task: every lookup finds what was there by now. */
  private openGlobals(): Promise<void> {
    return this.parts.globals.open({
      onFetched: () => this.signal.notify(),
      onFailed: (error) => this.stopFor(error),
      isStopped: () => this.current !== 'running' || this.failure !== null,
    });
  }

  private join(): Promise<Membership> {
    const { settings, topology } = this.parts;
    const inputs = topology.subTopologies.flatMap((part) => part.inputs);
    const { sessionTimeoutMs, heartbeatIntervalMs } = settings;
    return settings.log.joinGroup({
      group: topology.application,
      topics: [...new Set(inputs.map(({ topic }) => topic))],
      instanceId: this.instanceId,
      sessionTimeoutMs,
      heartbeatIntervalMs,
      assignor: (members) => this.exchange.decide(members),
      listener: this.listener(),
    });
  }

  /** The group calls from outside the loop; its calls wait for their turn. */
  private listener(): GroupListener {
    const inTurn = (what: () => Promise<void>) =>
      this.turns.add(() => what().catch((error: unknown) => this.stopFor(error)));
    return {
      userData: () => this.exchange.userData(),
      onAssigned: (assignment) =>
        inTurn(async () => {
          this.rebalances += 1;
          this.exchange.take(assignment);
          this.work.assign(assignment);
          this.checkTopics();
        }),
      onRevoked: (partitions) => inTurn(() => this.work.revoke(partitions)),
      onLost: () => inTurn(() => this.work.lose()),
      onFailed: (error) => this.stopFor(error),
    };
  }

  /** At once, or as soon as there is a membership. */
  private rejoin(): void {
    this.hasToRejoin = true;
    this.work.membership?.rejoin();
  }

  /** Beside the work, and again after a while: nobody tells when a topic is changed. */
  private checkTopics(): void {
    this.nextCheck?.cancel();
    if (this.current !== 'running') return;
    const { checkTopics, settings } = this.parts;
    this.nextCheck = settings.runtime.scheduler.after(checkTopicsMs, () => this.checkTopics());
    checkTopics()
      .catch(unlessFromLog)
      .catch((error: unknown) => this.stopFor(error));
  }

  private stopFor(error: unknown): void {
    this.failure ??= { error };
    this.signal.notify();
  }

  private async shutDown(isClean: boolean): Promise<void> {
    const { settings, slot, monitoring } = this.parts;
    this.turns.close();
    this.nextCheck?.cancel();
    try {
      await runAll([
        () => this.work.close(isClean),
        () => this.parts.globals.close(isClean),
        () => this.exchange.close(),
        () => slot.release(),
        () => monitoring?.close(),
      ]);
    } catch (error) {
      settings.logger.warn('Closing did not go clean.', { error });
    }
    if (this.current === 'running') this.current = transition(this.current, 'closing');
    const { failure } = this;
    this.current = transition(this.current, failure === null ? 'closed' : 'failed');
    if (failure === null) return this.finish();
    settings.logger.error('The worker stops.', { error: failure.error });
    this.fail(failure.error);
  }
}

/** A log that does not answer says so to those who cannot do without. */
function unlessFromLog(error: unknown): void {
  if (!(error instanceof LogError)) throw error;
}
