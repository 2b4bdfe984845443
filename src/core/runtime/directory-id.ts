import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RandomSource } from './runtime.ts';
import { storedId } from './stored-id.ts';

const fileName = 'directory.id';

/**
 * A random id kept in a directory: two processes that see one id see one directory, whatever
 * machine, container or path they see it from.
 */
export function directoryId(directory: string, random: RandomSource): string {
  const file = path.join(directory, fileName);
  const known = storedId(file);
  if (known !== null) return known;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = `${file}.${random.hex(16)}`;
  const id = random.hex(16);
  writeFileSync(draft, id, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  // Another process may have been the first.
  return storedId(file) ?? id;
}
