import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramSettings } from './arguments.ts';

/** Makes the directory, or empties it of what such a program made: it may hold other files. */
export async function prepare({
  directory,
  fresh,
}: Pick<ProgramSettings, 'directory' | 'fresh'>): Promise<void> {
  const own = fresh ? ['log', 'state'] : [];
  for (const name of own) await rm(join(directory, name), { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
}
