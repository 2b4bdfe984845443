import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../core/model/errors.ts';

/** Only the owner may look into state. */
const directoryMode = 0o700;
/** What may stand in a file name as it is; everything else becomes `%` and two digits a byte. */
const plainCharacter = /[A-Za-z0-9_-]/;

/** A file name for any text: different texts have different names, none leads elsewhere. */
export function encodeName(name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  let encoded = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    // A dot is plain inside a name, where it can mean no directory.
    const isPlain = plainCharacter.test(character) || (character === '.' && encoded !== '');
    encoded += isPlain ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return encoded === '' ? '%' : encoded;
}

/** `<root>/<application>`. */
export function applicationDirectory(root: string, application: string): string {
  return join(root, encodeName(application));
}

/** `<root>/<application>/<task>`. */
export function taskDirectory(root: string, application: string, taskId: string): string {
  return join(applicationDirectory(root, application), encodeName(taskId));
}

/** Application and task as one text: different owners have different ones. */
export function ownerName(application: string, taskId: string): string {
  return `${encodeName(application)}/${encodeName(taskId)}`;
}

/** Whether a task has left state below a root. */
export function hasTaskDirectory(root: string, application: string, taskId: string): boolean {
  return existsSync(taskDirectory(root, application, taskId));
}

/** What the files of a task take, as far as they can be looked at. */
export function taskDirectoryBytes(root: string, application: string, taskId: string): number {
  const directory = taskDirectory(root, application, taskId);
  let bytes = 0;
  try {
    for (const name of readdirSync(directory)) {
      // LevelDB deletes files while they are counted.
      bytes += statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    return bytes;
  }
  return bytes;
}

/** Makes the directory. @throws {StoreError} `STORE_IO`. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: directoryMode });
  } catch (cause) {
    throw new StoreError(
      'STORE_IO',
      `Cannot make the state directory '${directory}'. Check 'stateDir' and its rights.`,
      { cause },
    );
  }
}

/** @throws {StoreError} `STORE_IO` where less than `minFreeBytes` are free. */
export async function checkFreeSpace(directory: string, minFreeBytes: number): Promise<void> {
  if (minFreeBytes <= 0) return;
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  if (freeBytes >= minFreeBytes) return;
  throw new StoreError(
    'STORE_IO',
    `Only ${freeBytes} bytes are free below '${directory}', ${minFreeBytes} are asked for. ` +
      'Free some space, or move the state directory.',
  );
}
