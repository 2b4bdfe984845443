import { readFileSync } from 'node:fs';

/** The id of 16 digits that a file holds; null if it holds none, or is not there. */
export function storedId(file: string): string | null {
  try {
    const id = readFileSync(file, 'utf8');
    return /^[0-9a-f]{16}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}
