import { invariant } from '../../core/model/invariant.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Runtime, ScheduledCall } from '../../core/runtime/runtime.ts';
import { exitCodes } from '../exit-codes.ts';
import { decideRestart, type RestartDecision, type RestartPolicy } from './restart-policy.ts';
import type { ProcessEnd, StartWorkerProcess, WorkerProcess } from './worker-process.ts';

/** `waiting`: for its restart; `stopping`: asked to; `ended`: there will be no more process. */
type State = 'starting' | 'running' | 'waiting' | 'stopping' | 'ended';

const next: Readonly<Record<State, readonly State[]>> = {
  starting: ['running', 'waiting', 'stopping', 'ended'],
  running: ['waiting', 'stopping', 'ended'],
  waiting: ['starting', 'ended'],
  stopping: ['ended'],
  ended: [],
};

export interface SupervisedWorkerParts {
  /** From 1. */
  readonly index: number;
  readonly startProcess: StartWorkerProcess;
  readonly policy: RestartPolicy;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** The worker will not be started again; the code is that of its last process. */
  readonly onEnded: (code: number) => void;
}

/** One worker of a supervisor, through all its processes. */
export class SupervisedWorker {
  private state: State = 'waiting';
  private process: WorkerProcess | null = null;
  private restart: ScheduledCall | null = null;
  private runningSinceMs: number | null = null;
  private failures = 0;

  constructor(private readonly parts: SupervisedWorkerParts) {}

  start(): void {
    this.enter('starting');
    this.restart = null;
    this.runningSinceMs = null;
    const { index, startProcess, logger } = this.parts;
    this.process = startProcess(index, {
      onRunning: () => this.onRunning(),
      onEnd: (end) => this.onEnd(end),
    });
    logger.info(`worker ${index} was started`, { pid: this.process.pid });
  }

  /** Stops in good order; twice is once. */
  stop(): void {
    if (this.state === 'waiting') {
      this.restart?.cancel();
      this.end(exitCodes.clean);
    } else if (this.state === 'starting' || this.state === 'running') {
      this.enter('stopping');
      this.process?.requestStop();
    }
  }

  kill(): void {
    if (this.state !== 'ended') this.process?.kill();
  }

  private onRunning(): void {
    if (this.state !== 'starting') return;
    this.enter('running');
    this.runningSinceMs = this.parts.runtime.clock.monotonicTimeMs();
  }

  private onEnd(end: ProcessEnd): void {
    if (this.state === 'stopping') return this.endStopped(end);
    const { clock } = this.parts.runtime;
    const since = this.runningSinceMs;
    const runningMs = since === null ? 0 : clock.monotonicTimeMs() - since;
    const { failures } = this;
    this.act(decideRestart({ end, runningMs, failures }, this.parts.policy), end);
  }

  private act(decision: RestartDecision, end: ProcessEnd): void {
    const { index, logger, runtime, policy } = this.parts;
    const ended = `worker ${index} ${endText(end)}`;
    if (decision.type === 'finished') {
      logger.info(`${ended}: it is not started again`);
      return this.end(exitCodes.clean);
    }
    this.failures = decision.failures;
    if (decision.type === 'give-up') {
      logger.error(`${ended}: ${reasonOf(decision.code, policy.maxRestarts)}`);
      return this.end(decision.code);
    }
    const { delayMs, failures } = decision;
    if (delayMs === 0) logger.info(`${ended}: it is started again`);
    else logger.warn(`${ended}: it is started again in ${delayMs} ms`, { failures });
    this.enter('waiting');
    this.restart = runtime.scheduler.after(delayMs, () => this.start(), true);
  }

  private endStopped(end: ProcessEnd): void {
    // A process that had no time yet to listen for signals ends by them.
    const isClean = end.code === exitCodes.clean || isStopSignal(end.signal);
    if (!isClean) this.parts.logger.error(`worker ${this.parts.index} ${endText(end)}`);
    this.end(isClean ? exitCodes.clean : exitCodes.failed);
  }

  private end(code: number): void {
    this.enter('ended');
    this.parts.onEnded(code);
  }

  private enter(to: State): void {
    const { state } = this;
    invariant(next[state].includes(to), `A supervised worker cannot go from ${state} to ${to}.`);
    this.state = to;
  }
}

function isStopSignal(signal: string | null): boolean {
  return signal === 'SIGTERM' || signal === 'SIGINT';
}

function reasonOf(code: number, maxRestarts: number): string {
  if (code === exitCodes.usage) return 'wrong usage or configuration, which no restart mends';
  return `it has failed ${maxRestarts + 1} times in a row, and is given up`;
}

function endText({ code, signal, problem }: ProcessEnd): string {
  if (problem !== undefined) return `could not be started (${problem})`;
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}
