import { expect, it } from 'vitest';
import type { FetchRequest } from '../../src/core/log/port.ts';
import {
  int64,
  LogError,
  memoryBackend,
  onUpdate,
  run,
  string,
  TopologyBuilder,
} from '../../src/index.ts';
import { Workshop } from '../support/workshop.ts';
import { overriding } from '../torture/overriding.ts';

/** The one number of the engine this page repeats: records buffered per input. */
const maxBufferedRecords = 10_000;

function counting(onRecord: () => void = () => undefined) {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  const counts = words.peek(onRecord).groupByKey().count({ name: 'counts', emit: onUpdate() });
  counts
    .toStream()
    .mapValues((count) => count ?? 0, { value: int64() })
    .to('out');
  return builder.build();
}

const manyRecords = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    key: `k${index % 500}`,
    value: 'v',
    timestamp: index,
  }));

it('a partition whose queue is full is not fetched until there is room', async () => {
  const workshop = new Workshop();
  const count = 60_000;
  await workshop.feed('in', manyRecords(count));
  let taken = 0;
  let maxAhead = 0;
  const watch = (requests: readonly FetchRequest[]) => {
    for (const { topic, offset } of requests) {
      if (topic === 'in') maxAhead = Math.max(maxAhead, offset - taken);
    }
  };
  const log = overriding(workshop.log, {
    openReader: (options) => {
      const reader = workshop.log.openReader(options);
      return overriding(reader, {
        fetch: (requests, fetchOptions) => {
          watch(requests);
          return reader.fetch(requests, fetchOptions);
        },
      });
    },
  });
  const topology = counting(() => {
    taken += 1;
  });
  const { runtime } = workshop;
  const started = run(topology, { log, runtime, state: memoryBackend(), instanceId: 'one' });
  const worker = await workshop.until(started);
  await workshop.until(worker.caughtUp());
  expect(taken).toBe(count);
  expect(maxAhead).toBeLessThan(maxBufferedRecords);
});

it('more dirty bytes than allowed are committed before the interval is over', async () => {
  const workshop = new Workshop();
  const options = { commitInterval: '1 hour', maxDirtyBytes: 10_000 } as const;
  const worker = await workshop.start(counting(), options);
  await workshop.feed('in', manyRecords(20_000));
  await workshop.runtime.advance(60_000);
  expect(worker.status().recordsIn).toBe(20_000);
  expect(worker.status().commits).toBeGreaterThan(2);
});

it('a slice ends: other work has its turn while a task has thousands of records', async () => {
  const workshop = new Workshop();
  await workshop.feed('in', manyRecords(20_000));
  let taken = 0;
  const topology = counting(() => {
    taken += 1;
  });
  await workshop.start(topology);
  const seen = new Set<number>();
  while (taken < 20_000) {
    await workshop.until(workshop.runtime.scheduler.yieldNow());
    seen.add(taken);
  }
  const sizes = [...seen].map((at, index, all) => at - (all[index - 1] ?? 0));
  // Two turns of the worker may fall between two looks.
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000);
});

it('a worker that cannot commit gives up after a number of attempts, with the cause', async () => {
  const workshop = new Workshop();
  let attempts = 0;
  let hasStarted = false;
  const worker = await workshop.start(counting(), {
    intercept: async ({ api }, go) => {
      if (!hasStarted || api !== 'produce') return go();
      attempts += 1;
      throw new LogError('retriable', 'REQUEST_TIMED_OUT', 'Nobody answers.');
    },
  });
  hasStarted = true;
  await workshop.feed('in', manyRecords(10));
  await expect(workshop.until(worker.finished)).rejects.toMatchObject({
    code: 'REQUEST_TIMED_OUT',
  });
  expect(attempts).toBe(11);
  expect(worker.state).toBe('failed');
});
