import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterAll } from 'vitest';
import type { StateBackend } from '../../src/core/task/state-port.ts';
import { levelBackend, type LevelBackendOptions } from '../../src/state/level/level-backend.ts';

const roots: string[] = [];
/** Memory where there is some: what is tested does not depend on a disk that syncs. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A new directory, deleted after the tests of the file. */
export function temporaryRoot(): string {
  const root = mkdtempSync(join(base, 'millrace-state-'));
  roots.push(root);
  return root;
}

afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** The files of the task in `openOptions`. */
export function filesOf(root: string): string {
  return join(root, 'app', 'in-0');
}

export function backendIn(
  directory: string,
  options: Partial<LevelBackendOptions> = {},
): StateBackend {
  return levelBackend({
    directory,
    bootId: 'boot-1',
    lockWaitMs: 0,
    minFreeBytes: 0,
    writeBufferBytes: 256 * 1024,
    sleep: () => Promise.resolve(),
    ...options,
  });
}

/** Changes the files behind the library's back. */
export async function tamper(
  root: string,
  change: (database: ClassicLevel<Buffer, Buffer>) => Promise<void>,
): Promise<void> {
  const encoding = { keyEncoding: 'buffer', valueEncoding: 'buffer', compression: false };
  const database = new ClassicLevel<Buffer, Buffer>(filesOf(root), encoding);
  await change(database);
  await database.close();
}
