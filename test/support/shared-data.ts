import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The path of test data that lie beside the project; null where they are not there, which is said
 * loudly: the tests that need them are skipped.
 */
export function sharedData(name: string): string | null {
  const path = fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
  if (existsSync(path)) return path;
  process.stderr.write(`SKIPPED: no test data at ${path}\n`);
  return null;
}
