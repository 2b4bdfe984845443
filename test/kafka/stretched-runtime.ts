import { systemRuntime } from '../../src/core/runtime/system-runtime.ts';
import type { Runtime, Scheduler } from '../../src/core/runtime/runtime.ts';
import type { GroupRuntime } from '../support/group-fixture.ts';

/** Long enough for whatever was sent to be answered. */
const restMs = 200;

/** Real time for laws of virtual time: each of its milliseconds takes `stretch` real ones. */
export function stretchedRuntime(stretch: number): GroupRuntime {
  const { clock, random, scheduler } = systemRuntime;
  const after: Scheduler['after'] = (delayMs, call, keepsAlive) =>
    scheduler.after(delayMs * stretch, call, keepsAlive);
  const runtime: Runtime = {
    clock: {
      wallClockTimeMs: () => clock.wallClockTimeMs(),
      monotonicTimeMs: () => clock.monotonicTimeMs() / stretch,
    },
    random,
    scheduler: schedulerOf(after),
  };
  return {
    ...runtime,
    advance: (durationMs) => scheduler.sleep(Math.max(durationMs * stretch, restMs)),
    runUntil: (promise) => promise,
    createProcess: () => createProcess(runtime),
  };
}

function schedulerOf(after: Scheduler['after']): Scheduler {
  const sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => void after(delayMs, resolve, true));
  return { after, sleep, yieldNow: () => sleep(0) };
}

function createProcess(parent: Runtime): ReturnType<GroupRuntime['createProcess']> {
  let isSuspended = false;
  let held: (() => void)[] = [];
  const after: Scheduler['after'] = (delayMs, call, keepsAlive) => {
    let isCancelled = false;
    const fire = (): void => {
      if (isSuspended) held.push(fire);
      else if (!isCancelled) call();
    };
    const scheduled = parent.scheduler.after(delayMs, fire, keepsAlive);
    return {
      cancel() {
        isCancelled = true;
        scheduled.cancel();
      },
    };
  };
  return {
    ...parent,
    scheduler: schedulerOf(after),
    suspend() {
      isSuspended = true;
    },
    resume() {
      isSuspended = false;
      const due = held;
      held = [];
      for (const fire of due) parent.scheduler.after(0, fire);
    },
  };
}
