import { expect, it } from 'vitest';
import { createSimulatedRuntime } from '../../../src/core/runtime/simulated-runtime.ts';
import { Deadlines } from '../../../src/core/task/deadlines.ts';

it('each expires at its own time unless it has ended, whatever the others begin anew', async () => {
  const { clock, scheduler, ...runtime } = createSimulatedRuntime({ seed: 1 });
  const deadlines = new Deadlines(100, clock, scheduler);
  const expired: string[] = [];
  const expiring = (name: string, then: () => void = () => undefined) => ({
    expire() {
      expired.push(`${name} ${clock.monotonicTimeMs()}`);
      then();
    },
  });
  const again = expiring('again');
  const ended = expiring('ended');
  deadlines.begin(expiring('first', () => deadlines.begin(again)));
  await runtime.advance(10);
  deadlines.begin(ended);
  deadlines.begin(expiring('second'));
  deadlines.end(ended);
  await runtime.advance(200);
  expect(expired).toEqual(['first 100', 'second 110', 'again 200']);
});

it('nothing is scheduled while nothing can expire', async () => {
  const { clock, scheduler, ...runtime } = createSimulatedRuntime({ seed: 1 });
  const deadlines = new Deadlines(100, clock, scheduler);
  const one = { expire: () => undefined };
  deadlines.begin(one);
  deadlines.end(one);
  await runtime.runUntilIdle();
  expect(clock.monotonicTimeMs()).toBe(0);
});
