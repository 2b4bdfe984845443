import { randomBytes } from 'node:crypto';
import type { Clock, RandomSource, Runtime, ScheduledCall, Scheduler } from './runtime.ts';

/** Node runs a timer with a longer delay at once. */
const MAX_TIMER_DELAY_MS = 2 ** 31 - 1;

const clock: Clock = {
  wallClockTimeMs: () => Date.now(),
  monotonicTimeMs: () => performance.now(),
};

const random: RandomSource = {
  next: () => Math.random(),
  hex: (length) =>
    randomBytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length),
};

function callAfter(delayMs: number, keepsAlive: boolean, call: () => void): ScheduledCall {
  let timer: NodeJS.Timeout;
  const arm = (remainingMs: number): void => {
    const partMs = Math.min(remainingMs, MAX_TIMER_DELAY_MS);
    const rest = remainingMs - partMs;
    timer = setTimeout(() => (rest > 0 ? arm(rest) : call()), partMs);
    if (!keepsAlive) timer.unref();
  };
  arm(delayMs);
  return { cancel: () => clearTimeout(timer) };
}

const scheduler: Scheduler = {
  yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  after: (delayMs, call, keepsAlive = false) => callAfter(delayMs, keepsAlive, call),
  sleep: (delayMs) => new Promise((resolve) => void callAfter(delayMs, true, resolve)),
};

/** Time, chance and scheduling of the machine. */
export const systemRuntime: Runtime = Object.freeze({ clock, random, scheduler });
