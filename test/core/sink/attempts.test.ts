import { expect, it } from 'vitest';
import { createSimulatedRuntime } from '../../../src/core/runtime/simulated-runtime.ts';
import { silentLogger } from '../../../src/core/runtime/logger.ts';
import { Attempts } from '../../../src/core/sink/attempts.ts';
import type { SinkConnection } from '../../../src/core/sink/sink.ts';
import { defineSink, string } from '../../../src/index.ts';

const runtime = createSimulatedRuntime({ seed: 1 });
const { scheduler } = runtime;

function attemptsOf(connect: () => SinkConnection): Attempts {
  const sink = defineSink({
    kind: 'slow',
    name: 'rows',
    row: string(),
    attemptTimeout: 100,
    connect,
  });
  const place = {
    application: 'app',
    sink: 'rows',
    partition: 0,
    partitions: 1,
    source: 'source',
    epoch: 1,
    maxZombieMs: 0,
    minIntervalMs: 0,
  };
  return new Attempts({
    sink,
    place,
    runtime,
    logger: silentLogger,
    where: {},
    mayStartUntilMs: () => Infinity,
    checkPosition: () => undefined,
  });
}

const batch = { token: 't', from: 0, to: 1, rows: [Buffer.from('a')] };

it('an attempt that was given up while it connects sends nothing any more', async () => {
  let connections = 0;
  const sent: string[] = [];
  const attempts = attemptsOf(() => {
    const number = ++connections;
    return {
      // The first heeds no signal, and is open while the second sends.
      open: async () => {
        if (number === 1) await scheduler.sleep(200);
        return null;
      },
      apply: async ({ signal }) => {
        sent.push(`${number} ${signal.aborted}`);
        await scheduler.sleep(90);
        return 'applied';
      },
      close: () => Promise.resolve(),
    };
  });
  expect(await runtime.runUntil(attempts.apply(batch, 0))).toBe('applied');
  await runtime.runUntilIdle();
  expect(sent).toEqual(['2 false']);
});

it('a connection that does not close is left behind', async () => {
  let connections = 0;
  const attempts = attemptsOf(() => {
    const number = ++connections;
    return {
      open: () => (number === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve(null)),
      apply: () => Promise.resolve('applied'),
      close: () => new Promise(() => undefined),
    };
  });
  expect(await runtime.runUntil(attempts.apply(batch, 0))).toBe('applied');
  const closesAtMs = runtime.clock.monotonicTimeMs();
  await runtime.runUntil(attempts.close());
  expect(connections).toBe(2);
  expect(runtime.clock.monotonicTimeMs() - closesAtMs).toBeLessThanOrEqual(5_000);
});
