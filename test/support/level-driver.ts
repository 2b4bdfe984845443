import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { levelBackend } from '../../src/state/level/level-backend.ts';
import { coreDriver } from './core-driver.ts';
import type { OperatorDriverFactory } from './operator-driver.ts';

/** State in a directory of its own, which a crash leaves as it is and `close` removes. */
export const levelDriver: OperatorDriverFactory = async (topology, { wallClockTimeMs }) => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-driver-'));
  const backend = levelBackend({
    directory,
    // The crashes of a driver are those of a process: the machine runs on.
    bootId: 'one-boot',
    sleep: (delayMs) => sleep(delayMs),
    minFreeBytes: 0,
    writeBufferBytes: 1024 * 1024,
  });
  const driver = await coreDriver(topology, wallClockTimeMs, backend);
  return {
    ...driver,
    async close() {
      await driver.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
