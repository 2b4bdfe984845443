import { catalogue } from '../topologies/catalogue.ts';
import type { ReadyMade } from '../topologies/ready-made.ts';
import { UsageError } from './exit-codes.ts';

/** How a topology of this package is named where an application module may be. */
export const readyMadePrefix = 'millrace/topologies/';

/** What has the prefix and is none of the catalogue is a slip. @throws {UsageError} */
export function checkReadyMade(file: string): void {
  if (file.startsWith(readyMadePrefix)) readyMadeLoader(file.slice(readyMadePrefix.length));
}

/** @throws {UsageError} */
export function readyMadeLoader(name: string): () => Promise<ReadyMade> {
  const load = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
  if (load !== undefined) return load;
  const names = Object.keys(catalogue).join(', ');
  throw new UsageError(`There is no topology '${name}': there are ${names}.`);
}

/** Null for an application module. */
export async function loadReadyMade(file: string): Promise<ReadyMade | null> {
  if (!file.startsWith(readyMadePrefix)) return null;
  return readyMadeLoader(file.slice(readyMadePrefix.length))();
}
