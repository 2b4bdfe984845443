import { stopMessage } from './supervisor/messages.ts';
import { onStopSignals } from './stop-signal.ts';

export interface WorkerStop {
  /** Whether a supervisor started this process. */
  readonly isSupervised: boolean;
  /** A second signal: the process is to end at once. */
  readonly onSecondSignal: (reason: string) => void;
}

/** Resolves, with the reason, when this process is asked to stop its worker. */
export function workerStop({ isSupervised, onSecondSignal }: WorkerStop): Promise<string> {
  return new Promise((resolve) => {
    onStopSignals({ onFirst: resolve, onSecond: onSecondSignal });
    if (!isSupervised) return;
    const orphaned = (): void => resolve('The supervisor is gone');
    process.on('message', (message) => {
      if (message === stopMessage) resolve('The supervisor asks for it');
    });
    process.on('disconnect', orphaned);
    if (!process.connected) orphaned();
  });
}
