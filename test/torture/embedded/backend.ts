import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { readBootId } from '../../../src/core/runtime/boot-id.ts';
import type { StateBackend } from '../../../src/core/task/state-port.ts';
import { levelBackend } from '../../../src/state/level/level-backend.ts';

/** The LevelDB of a run. */
export function stateIn(directory: string): StateBackend {
  return levelBackend({
    directory: join(directory, 'state'),
    bootId: readBootId(),
    sleep: (delayMs) => sleep(delayMs),
  });
}
