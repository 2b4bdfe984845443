import type { GroupListener, Membership } from '../log/port.ts';
import type { InstanceSlot } from '../runtime/instance-slot.ts';
import type { TaskPort } from '../task/task-port.ts';
import type { Topology } from '../topology/plan.ts';
import { AssignedWork } from './assigned-work.ts';
import { type AssignableTask, assignTasks } from './assignor.ts';
import type { WorkerSettings } from './run-options.ts';
import { runAll } from './run-all.ts';
import { Signal } from './signal.ts';
import { TurnQueue } from './turn-queue.ts';
import { encodeUserData } from './user-data.ts';
import type { Worker, WorkerStatus } from './worker.ts';
import { transition, type WorkerState } from './worker-states.ts';

/** Without work the loop looks around this often: wall-clock timers, tasks that waited enough. */
const maxIdleMs = 100;
/** How often `caughtUp` looks. */
const caughtUpPollMs = 1;

export interface StreamWorkerParts {
  readonly topology: Topology;
  readonly settings: WorkerSettings;
  readonly slot: InstanceSlot;
  readonly stateHash: string;
  readonly tasks: readonly AssignableTask[];
  readonly createTask: (task: AssignableTask, share: number) => TaskPort;
  readonly tasksOnDisk: () => readonly string[];
  readonly beforeRecovery: () => Promise<void>;
}

/** The life of a worker: it joins, loops over turns from outside and rounds of work, and closes. */
export class StreamWorker implements Worker {
  readonly finished: Promise<void>;
  readonly instanceId: string;
  private current: WorkerState = 'starting';
  private readonly signal: Signal;
  private readonly turns: TurnQueue;
  private readonly work: AssignedWork;
  private hurried = 0;
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
    this.work = new AssignedWork({
      ...parts,
      application: parts.topology.application,
      instanceId: this.instanceId,
      isHurried: () => this.hurried > 0,
      onChange: () => this.signal.notify(),
      onFailed: (error) => this.stopFor(error),
    });
  }

  get state(): WorkerState {
    return this.current;
  }

  /** Joins the group and begins to work. */
  async start(): Promise<void> {
    this.current = transition(this.current, 'running');
    this.loop = this.run();
    try {
      await this.work.open();
      this.work.join(await this.join());
    } catch (error) {
      this.stopFor(error);
    }
    if (this.failure === null) return;
    await this.loop;
    await this.work.membership?.leave();
    throw this.failure.error;
  }

  status(): WorkerStatus {
    return this.work.status(this.current);
  }

  async caughtUp(): Promise<void> {
    this.hurried += 1;
    this.work.lookAgain();
    this.signal.notify();
    try {
      for (;;) {
        if (this.current !== 'running' || this.failure !== null) return await this.finished;
        if (this.turns.isEmpty && this.work.isCaughtUp) return;
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
    const hasWorked = await this.work.turn();
    if (hasWorked) await this.parts.settings.runtime.scheduler.yieldNow();
    else await this.signal.wait(Math.max(1, Math.min(maxIdleMs, this.work.idleMs)));
  }

  private join(): Promise<Membership> {
    const { settings, topology, tasks, stateHash } = this.parts;
    const { sessionTimeoutMs, heartbeatIntervalMs } = settings;
    return settings.log.joinGroup({
      group: topology.application,
      instanceId: this.instanceId,
      sessionTimeoutMs,
      heartbeatIntervalMs,
      assignor: (members) => assignTasks(tasks, members, stateHash),
      listener: this.listener(),
    });
  }

  /** The group calls from outside the loop; its calls wait for their turn. */
  private listener(): GroupListener {
    const { tasksOnDisk, stateHash } = this.parts;
    const inTurn = (what: () => Promise<void>) =>
      this.turns.add(() => what().catch((error: unknown) => this.stopFor(error)));
    return {
      userData: () => encodeUserData({ tasksOnDisk: tasksOnDisk(), stateHash }),
      onAssigned: (assignment) => inTurn(async () => this.work.assign(assignment)),
      onRevoked: (partitions) => inTurn(() => this.work.revoke(partitions)),
      onLost: () => inTurn(() => this.work.lose()),
      onFailed: (error) => this.stopFor(error),
    };
  }

  private stopFor(error: unknown): void {
    this.failure ??= { error };
    this.signal.notify();
  }

  private async shutDown(isClean: boolean): Promise<void> {
    const { settings, slot } = this.parts;
    this.turns.close();
    try {
      await runAll([() => this.work.close(isClean), () => slot.release()]);
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
