import type { Runtime } from '../../../src/core/runtime/runtime.ts';
import { systemRuntime } from '../../../src/core/runtime/system-runtime.ts';

const factor = 20;
const { clock, random, scheduler } = systemRuntime;

/** Time goes by faster, so that patience with what never comes ends soon. */
export const hurriedRuntime: Runtime = {
  random,
  clock: {
    wallClockTimeMs: () => clock.wallClockTimeMs(),
    monotonicTimeMs: () => clock.monotonicTimeMs() * factor,
  },
  scheduler: {
    yieldNow: () => scheduler.yieldNow(),
    after: (delayMs, call, keepsAlive) => scheduler.after(delayMs / factor, call, keepsAlive),
    sleep: (delayMs) => scheduler.sleep(delayMs / factor),
  },
};
