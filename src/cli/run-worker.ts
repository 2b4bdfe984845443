import { run } from '../index.ts';
import type { Log } from '../core/log/port.ts';
import type { Runtime, Scheduler } from '../core/runtime/runtime.ts';
import type { Worker } from '../core/worker/worker.ts';
import { loadApplication } from './application.ts';
import type { RunSettings } from './arguments.ts';
import { StopTimeoutError } from './exit-codes.ts';
import { openLog } from './open-log.ts';
import type { Output } from './output/create-output.ts';
import { workerOptions } from './worker-options.ts';

/** The process around a worker. */
export interface WorkerHost {
  readonly output: Output;
  readonly runtime: Runtime;
  /** Resolves, with the reason, when the worker is to stop. */
  readonly stopRequest: Promise<string>;
  onRunning(): void;
}

/** How long a start that is not wanted any more may take to its end: a join, mostly. */
const startPatienceMs = 10_000;

interface Started {
  readonly worker: Worker;
  readonly log: Log;
}

/** Runs one worker until it is asked to stop; rejects with what it fails of. */
export async function runWorker(settings: RunSettings, host: WorkerHost): Promise<void> {
  const { output, runtime, stopRequest } = host;
  const stopped = stopRequest.then((reason) => {
    output.logger.info(`${reason}: the worker stops`);
    return null;
  });
  const starting = start(settings, host);
  const started = await Promise.race([starting, stopped]);
  if (started === null) {
    // A member that only goes away would be waited for by its group for a session time-out.
    const left = starting.then(close);
    const patienceMs = Math.min(startPatienceMs, settings.stopTimeoutMs);
    await withDeadline(left, patienceMs, runtime.scheduler).catch(() => undefined);
    return;
  }
  host.onRunning();
  // What the worker failed of is told by closing it.
  await Promise.race([started.worker.finished, stopped]).catch(() => undefined);
  await withDeadline(close(started), settings.stopTimeoutMs, runtime.scheduler);
}

async function start(settings: RunSettings, { output }: WorkerHost): Promise<Started> {
  const { topology, options } = await loadApplication(settings.file, settings.applicationSettings);
  const log = await openLog(settings.log);
  try {
    const { logger } = output;
    return { worker: await run(topology, workerOptions(settings, options, { log, logger })), log };
  } catch (error) {
    await log.close().catch(() => undefined);
    throw error;
  }
}

async function close({ worker, log }: Started): Promise<void> {
  try {
    await worker.close();
  } catch (error) {
    // What the worker failed of says more than what closing the log meets with then.
    await log.close().catch(() => undefined);
    throw error;
  }
  await log.close();
}

async function withDeadline(
  work: Promise<void>,
  deadlineMs: number,
  scheduler: Scheduler,
): Promise<void> {
  let cancel: () => void = () => undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    const expire = (): void => {
      const consequence = 'what was not committed will be processed again';
      reject(
        new StopTimeoutError(`The worker took over ${deadlineMs} ms to stop: ${consequence}.`),
      );
    };
    const call = scheduler.after(deadlineMs, expire, true);
    cancel = () => call.cancel();
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    cancel();
  }
}
