import { expect, it } from 'vitest';
import { LogError, string, TopologyBuilder } from '../../../src/index.ts';
import { defaultPartition } from '../../../src/core/log/murmur2.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

function copying() {
  const builder = new TopologyBuilder('app');
  builder.stream('in', { key: string(), value: string() }).to('out');
  return builder.build();
}

/** A key whose records go to the second of two partitions. */
const key = [...'abcdefgh'].find((name) => defaultPartition(Buffer.from(name), 2) === 1) ?? '';

it('caughtUp waits for a task that starts when the others are at their end', async () => {
  const workshop = new Workshop({ partitions: 2 });
  await workshop.feed('in', textRecords([`${key}=v`]));
  let asked = 0;
  const worker = await workshop.start(copying(), {
    intercept: async ({ api }, go) => {
      if (api === 'committed-offsets') asked += 1;
      // Who committed last is asked once; then comes the restore of each task.
      const isLast = api === 'committed-offsets' && asked === 3;
      if (isLast) await workshop.runtime.scheduler.sleep(2_000);
      if (api === 'fetch') await workshop.runtime.scheduler.sleep(50);
      return go();
    },
  });
  await workshop.until(worker.caughtUp());
  expect(asked).toBe(3);
  expect(await workshop.values('out')).toEqual(['v']);
});

it('caughtUp waits for what a recovery reads again', async () => {
  const workshop = new Workshop({ partitions: 2 });
  let failsNext = false;
  const worker = await workshop.start(copying(), {
    intercept: async ({ api }, go) => {
      if (api === 'fetch') await workshop.runtime.scheduler.sleep(50);
      if (api !== 'commit' || !failsNext) return go();
      failsNext = false;
      throw new LogError('retriable', 'INJECTED_FAULT', 'Not now.');
    },
  });
  await workshop.until(worker.caughtUp());
  failsNext = true;
  await workshop.feed('in', textRecords([`${key}=v`]));
  await workshop.until(worker.caughtUp());
  expect(worker.status().recoveries).toBe(1);
  expect(await workshop.values('out')).toEqual(['v']);
});
