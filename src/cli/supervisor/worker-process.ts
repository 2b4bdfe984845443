import { fork } from 'node:child_process';
import { messageOf } from '../../core/model/message-of.ts';
import { workerIndexOption } from '../options.ts';
import { exitCodes } from '../exit-codes.ts';
import { runningMessage, stopMessage } from './messages.ts';

/** How a process ended: by a code, by a signal, or it never started. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly problem?: string;
}

export interface ProcessListener {
  onRunning(): void;
  /** Once, and last. */
  onEnd(end: ProcessEnd): void;
}

export interface WorkerProcess {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Asks for a stop in good order. */
  requestStop(): void;
  kill(): void;
}

/** Starts the process of a worker, by its number from 1. */
export type StartWorkerProcess = (index: number, listener: ProcessListener) => WorkerProcess;

/** Workers are processes of this same command, with their number as one more argument. */
export function forkedWorkers(entry: string, args: readonly string[]): StartWorkerProcess {
  return (index, listener) => {
    const child = fork(entry, [...args, workerIndexOption, String(index)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (message) => {
      if (message === runningMessage) listener.onRunning();
    });
    child.on('exit', (code, signal) => {
      // What it still said would be taken for a word of the next process.
      child.removeAllListeners('message');
      listener.onEnd({ code, signal });
    });
    child.on('error', (error) => {
      // A process that has started tells of its end; this one never will.
      if (child.pid !== undefined) return;
      listener.onEnd({ code: exitCodes.failed, signal: null, problem: messageOf(error) });
    });
    return {
      pid: child.pid,
      requestStop() {
        if (child.connected) child.send(stopMessage, () => undefined);
        else child.kill('SIGTERM');
      },
      kill: () => void child.kill('SIGKILL'),
    };
  };
}
