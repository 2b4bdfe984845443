import { memoryBackend } from '../../src/state/memory/memory-backend.ts';
import { coreDriver } from './core-driver.ts';
import type { OperatorDriverFactory } from './operator-driver.ts';

/** State in memory: after a crash all of it comes back from the changelogs. */
export const memoryDriver: OperatorDriverFactory = (topology, { wallClockTimeMs }) =>
  coreDriver(topology, wallClockTimeMs, memoryBackend());
