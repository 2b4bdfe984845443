import { readFileSync } from 'node:fs';

/** Names the current boot of the machine; null where the system does not tell (not Linux). */
export function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return null;
  }
}
