import { expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/runtime/logger.ts';
import { createSimulatedRuntime } from '../../../src/core/runtime/simulated-runtime.ts';
import { Attempts } from '../../../src/core/sink/attempts.ts';
import { defineSink, string } from '../../../src/index.ts';

const place = {
  application: 'app',
  sink: 'rows',
  partition: 0,
  partitions: 1,
  source: 's',
  epoch: 1,
  maxZombieMs: 0,
  minIntervalMs: 0,
};
const batch = { token: 't', from: 0, to: 1, rows: [Buffer.from('a')] };

it('a connection that opens after its time is over is given no batch', async () => {
  const runtime = createSimulatedRuntime({ seed: 1 });
  const applied: number[] = [];
  let connections = 0;
  const sink = defineSink<string>({
    kind: 'table',
    name: 'rows',
    row: string(),
    attemptTimeout: 1_000,
    connect() {
      const number = (connections += 1);
      return {
        // The first takes long, and does not heed the signal.
        open: () => runtime.scheduler.sleep(number === 1 ? 1_500 : 0).then(() => null),
        async apply() {
          applied.push(number);
          await runtime.scheduler.sleep(900);
          return 'applied';
        },
        close: () => Promise.resolve(),
      };
    },
  });
  const attempts = new Attempts({
    sink,
    place,
    runtime,
    logger: silentLogger,
    where: {},
    mayStartUntilMs: () => Infinity,
    checkPosition: () => undefined,
  });
  expect(await runtime.runUntil(attempts.apply(batch, 0))).toBe('applied');
  await runtime.runUntilIdle();
  expect(applied).toEqual([2]);
  expect(attempts.retries).toBe(1);
});
