import type { Runtime } from '../../core/runtime/runtime.ts';
import type { Output } from '../output/create-output.ts';
import type { UpkeepCommand } from '../upkeep-arguments.ts';
import { runDlq } from './run-dlq.ts';
import { runReset } from './run-reset.ts';
import { runTopics } from './run-topics.ts';

/** The process around a command. */
export interface UpkeepHost {
  readonly output: Output;
  readonly runtime: Runtime;
}

/** Answers the exit code. */
export async function runUpkeep(command: UpkeepCommand, host: UpkeepHost): Promise<number> {
  if (command.type === 'reset') return runReset(command.settings, host);
  if (command.type === 'dlq') return runDlq(command.settings, host);
  return runTopics(command.settings, host);
}
