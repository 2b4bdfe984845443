import type { Logger } from '../../core/runtime/logger.ts';
import type { Runtime, ScheduledCall } from '../../core/runtime/runtime.ts';
import { exitCodes } from '../exit-codes.ts';
import type { RestartPolicy } from './restart-policy.ts';
import { SupervisedWorker } from './supervised-worker.ts';
import type { StartWorkerProcess } from './worker-process.ts';

export interface SupervisorParts {
  readonly workers: number;
  readonly startProcess: StartWorkerProcess;
  readonly policy: RestartPolicy;
  /** Processes that have not stopped by then are killed. */
  readonly stopTimeoutMs: number;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** Watches over workers, each a process: starts them anew when they fail, stops them together. */
export class Supervisor {
  /** Resolves with an exit code once no process is left. */
  readonly finished: Promise<number>;
  private readonly workers: readonly SupervisedWorker[];
  private left: number;
  private exitCode: number = exitCodes.clean;
  private deadline: ScheduledCall | null = null;
  private finish: (code: number) => void = () => undefined;

  constructor(private readonly parts: SupervisorParts) {
    this.left = parts.workers;
    this.finished = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.workers = Array.from({ length: parts.workers }, (_, position) => {
      const onEnded = (code: number): void => this.onEnded(code);
      return new SupervisedWorker({ ...parts, index: position + 1, onEnded });
    });
  }

  start(): void {
    for (const worker of this.workers) worker.start();
  }

  /** All workers stop in good order, within the deadline; twice is once. */
  stop(reason: string): void {
    if (this.deadline !== null) return;
    const { logger, runtime, stopTimeoutMs } = this.parts;
    logger.info(`${reason}: the workers stop`);
    const onDeadline = (): void => {
      logger.error(`Not all workers have stopped within ${stopTimeoutMs} ms: they are killed`);
      this.kill();
    };
    this.deadline = runtime.scheduler.after(stopTimeoutMs, onDeadline, true);
    for (const worker of this.workers) worker.stop();
  }

  /** Ends what is left, at once. */
  kill(): void {
    for (const worker of this.workers) worker.kill();
  }

  private onEnded(code: number): void {
    this.left -= 1;
    if (code !== exitCodes.clean) {
      // The first failure is the reason of all that follows.
      if (this.exitCode === exitCodes.clean) this.exitCode = code;
      if (this.left > 0) this.stop('A worker cannot go on');
    }
    if (this.left > 0) return;
    this.deadline?.cancel();
    this.finish(this.exitCode);
  }
}
