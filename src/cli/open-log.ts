import { embedded } from '../core/log/embedded/embedded.ts';
import type { Log } from '../core/log/port.ts';
import type { LogChoice } from './log-choice.ts';

/** The log that was chosen; the Kafka client is loaded only where it is used. */
export async function openLog(choice: LogChoice): Promise<Log> {
  if (choice.type === 'embedded') return embedded({ directory: choice.directory });
  const { kafka } = await import('../core/log/kafka/kafka.ts');
  return kafka(choice.options);
}
