import type { Runtime } from '../../core/runtime/runtime.ts';
import type { RunSettings } from '../arguments.ts';
import type { Output } from '../output/create-output.ts';
import { onStopSignals } from '../stop-signal.ts';
import { defaultRestartPolicy } from './restart-policy.ts';
import { Supervisor } from './supervisor.ts';
import { forkedWorkers } from './worker-process.ts';

export interface SupervisorHost {
  readonly output: Output;
  readonly runtime: Runtime;
  /** The file and the arguments that this process was started with. */
  readonly entry: string;
  readonly args: readonly string[];
  /** Ends this process at once. */
  readonly exit: () => void;
}

/** Runs workers as processes; resolves with an exit code once none is left. */
export function supervise(
  { maxRestarts, stopTimeoutMs }: RunSettings,
  workers: number,
  { output, runtime, entry, args, exit }: SupervisorHost,
): Promise<number> {
  const supervisor = new Supervisor({
    workers,
    startProcess: forkedWorkers(entry, args),
    policy: { ...defaultRestartPolicy, maxRestarts },
    stopTimeoutMs,
    runtime,
    logger: output.logger,
  });
  onStopSignals({
    onFirst: (reason) => supervisor.stop(reason),
    onSecond: (reason) => {
      output.logger.warn(`${reason} again: the workers are killed`);
      supervisor.kill();
      exit();
    },
  });
  supervisor.start();
  return supervisor.finished;
}
