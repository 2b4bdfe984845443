import { invariant } from '../model/invariant.ts';
import type { Runtime, Scheduler } from './runtime.ts';
import { seededRandom } from './seeded-random.ts';
import { VirtualSchedule } from './virtual-schedule.ts';

export interface SimulatedRuntimeOptions {
  readonly seed: number;
  /** Wall-clock time at the start; 0 if absent. */
  readonly startMs?: number;
  /** So many calls without coming to rest are taken for a loop; 1,000,000 if absent. */
  readonly maxCallsPerRun?: number;
}

/** A process of the simulation: the same clock, but its calls can be held back. */
export interface SimulatedProcess extends Runtime {
  /** As SIGSTOP; for ever, it is a crash. */
  suspend(): void;
  /** As SIGCONT: what was due meanwhile is called at once, in order. */
  resume(): void;
}

/**
 * A runtime on virtual time: nothing happens until it is told to run; a seed decides all chance.
 * Between two calls every promise that can settle does. Real input and output has no place in it.
 */
export interface SimulatedRuntime extends Runtime {
  /** Runs what is due within the next `durationMs`, and stands at their end. */
  advance(durationMs: number): Promise<void>;
  /** Runs until nothing is scheduled. */
  runUntilIdle(): Promise<void>;
  /** Runs until the promise has settled. */
  runUntil<T>(promise: Promise<T>): Promise<T>;
  createProcess(): SimulatedProcess;
}

export function createSimulatedRuntime(options: SimulatedRuntimeOptions): SimulatedRuntime {
  const { seed, startMs = 0, maxCallsPerRun = 1_000_000 } = options;
  const schedule = new VirtualSchedule();
  const runtime: Runtime = {
    clock: {
      wallClockTimeMs: () => startMs + schedule.nowMs,
      monotonicTimeMs: () => schedule.nowMs,
    },
    random: seededRandom(seed),
    scheduler: schedulerOf((delayMs, call) => schedule.add(delayMs, call)),
  };
  const run = async (hasNext: () => boolean): Promise<void> => {
    for (let calls = 0; calls <= maxCallsPerRun; calls += 1) {
      // A macrotask: all promises that can settle have done so when it comes.
      await new Promise((resolve) => setImmediate(resolve));
      if (!hasNext()) return;
      schedule.fireNext();
    }
    invariant(false, `The simulation has not come to rest within ${maxCallsPerRun} calls.`);
  };
  return {
    ...runtime,
    async advance(durationMs) {
      const endMs = schedule.nowMs + durationMs;
      await run(() => (schedule.nextAtMs() ?? Infinity) <= endMs);
      schedule.nowMs = endMs;
    },
    runUntilIdle: () => run(() => schedule.size > 0),
    async runUntil(promise) {
      let hasSettled = false;
      const settle = (): void => {
        hasSettled = true;
      };
      promise.then(settle, settle);
      await run(() => {
        if (hasSettled) return false;
        invariant(schedule.size > 0, 'The simulation waits for what nothing scheduled can bring.');
        return true;
      });
      return promise;
    },
    createProcess: () => createProcess(runtime),
  };
}

/** All of a scheduler from its one call. */
export function schedulerOf(after: Scheduler['after']): Scheduler {
  const sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => void after(delayMs, resolve));
  return { after, sleep, yieldNow: () => sleep(0) };
}

function createProcess(parent: Runtime): SimulatedProcess {
  let isSuspended = false;
  let held: (() => void)[] = [];
  const scheduler = schedulerOf((delayMs, call) => {
    let isCancelled = false;
    const fire = (): void => {
      if (isSuspended) held.push(fire);
      else if (!isCancelled) call();
    };
    const scheduled = parent.scheduler.after(delayMs, fire);
    return {
      cancel() {
        isCancelled = true;
        scheduled.cancel();
      },
    };
  });
  return {
    clock: parent.clock,
    random: parent.random,
    scheduler,
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
