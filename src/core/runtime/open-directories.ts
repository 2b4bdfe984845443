import { realpathSync } from 'node:fs';
import path from 'node:path';

/** Where each claimed directory really lies, by the path it was claimed under. */
const claimed = new Map<string, string>();

/**
 * Claims a directory for a database of this process; false if one has it. Asked before LevelDB is:
 * a refused second open closes the lock file, and the system then drops the lock of the first.
 */
export function claimDirectory(directory: string): boolean {
  const real = realPathOf(directory);
  for (const other of claimed.values()) if (other === real) return false;
  claimed.set(path.resolve(directory), real);
  return true;
}

/** Gives up a claim, under the path it was made with; the directory may be gone. */
export function releaseDirectory(directory: string): void {
  claimed.delete(path.resolve(directory));
}

function realPathOf(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return path.resolve(directory);
  }
}
