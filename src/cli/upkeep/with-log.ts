import type { Log } from '../../core/log/port.ts';
import type { LogChoice } from '../log-choice.ts';
import { openLog } from '../open-log.ts';

/** Opens a log for some work, and closes it whatever comes of it. */
export async function withLog<T>(choice: LogChoice, work: (log: Log) => Promise<T>): Promise<T> {
  const log = await openLog(choice);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}
