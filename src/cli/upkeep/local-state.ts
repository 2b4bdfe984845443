import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { applicationDirectory } from '../../state/level/state-directory.ts';

/** What an application has left below a state directory. */
export interface LocalState {
  readonly directory: string;
  /** Directories of tasks. */
  readonly tasks: readonly string[];
}

/** Where the ids of workers are kept: they may stay. */
const slots = 'slots';

export function localStateOf(stateDir: string, application: string): LocalState {
  const directory = applicationDirectory(stateDir, application);
  const names = existsSync(directory) ? readdirSync(directory) : [];
  return { directory, tasks: names.filter((name) => name !== slots).sort() };
}

export function deleteLocalState({ directory, tasks }: LocalState): void {
  for (const task of tasks) rmSync(join(directory, task), { recursive: true, force: true });
}
