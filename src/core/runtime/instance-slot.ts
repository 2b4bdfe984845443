import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RandomSource } from './runtime.ts';
import { takeSlotLock } from './slot-lock.ts';
import { storedId } from './stored-id.ts';

/** Workers of one machine that share a state directory, at most. */
export const maxSlots = 1024;

/** A place among the workers that share a directory, with the id that is kept in it. */
export interface InstanceSlot {
  readonly instanceId: string;
  release(): void;
}

/**
 * Takes the first free slot below `directory`. A slot whose process is gone is free, so a worker
 * that was killed finds its id again. Null if all are taken.
 */
export function takeInstanceSlot(directory: string, random: RandomSource): InstanceSlot | null {
  for (let slot = 0; slot < maxSlots; slot += 1) {
    const release = takeSlotLock(directory, `slot-${slot}.lock`);
    if (release === null) continue;
    const file = path.join(directory, `slot-${slot}.id`);
    return { instanceId: storedId(file) ?? newId(file, random), release };
  }
  return null;
}

function newId(file: string, random: RandomSource): string {
  const id = random.hex(16);
  writeFileSync(`${file}.new`, id, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return id;
}
