import { expect, it } from 'vitest';
import { decideRestart, defaultRestartPolicy } from '../../../src/cli/supervisor/restart-policy.ts';
import type { ProcessEnd } from '../../../src/cli/supervisor/worker-process.ts';

const { healthyMs, maxRestarts, maxDelayMs } = defaultRestartPolicy;
const ended = (code: number): ProcessEnd => ({ code, signal: null });
const killed: ProcessEnd = { code: null, signal: 'SIGKILL' };

function decide(end: ProcessEnd, failures = 0, runningMs = 0) {
  return decideRestart({ end, failures, runningMs }, defaultRestartPolicy);
}

it('a worker that ended clean is finished', () => {
  expect(decide(ended(0), 5)).toEqual({ type: 'finished' });
});

it('each failure in a row doubles the delay, up to a bound', () => {
  const delays = Array.from({ length: maxRestarts }, (_, failures) => {
    const decision = decide(ended(1), failures);
    return decision.type === 'restart' ? decision.delayMs : decision.type;
  });
  expect(delays.slice(0, 4)).toEqual([250, 500, 1_000, 2_000]);
  expect(delays.at(-1)).toBe(maxDelayMs);
});

it('a signal that nobody asked for is a failure', () => {
  expect(decide(killed, 1)).toEqual({ type: 'restart', delayMs: 500, failures: 2 });
});

it('a healthy time makes failures forgotten', () => {
  const first = { type: 'restart', delayMs: 250, failures: 1 };
  expect(decide(ended(1), 7, healthyMs)).toEqual(first);
  expect(decide(ended(1), 7, healthyMs - 1)).not.toEqual(first);
});

it('who asks for a restart gets it at once, and it is no failure', () => {
  expect(decide(ended(75), 3)).toEqual({ type: 'restart', delayMs: 0, failures: 3 });
});

it('a worker that fails too often in a row is given up with its code', () => {
  const failures = maxRestarts;
  expect(decide(ended(9), failures)).toEqual({ type: 'give-up', code: 9, failures: failures + 1 });
  expect(decide(killed, failures)).toEqual({ type: 'give-up', code: 1, failures: failures + 1 });
});

it('wrong usage is given up at once', () => {
  expect(decide(ended(2))).toEqual({ type: 'give-up', code: 2, failures: 1 });
});
