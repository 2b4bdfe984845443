import { describe, expect, it } from 'vitest';
import { LogError, onUpdate, string, TopologyBuilder } from '../../../src/index.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words
    .groupByKey()
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .mapValues((count, key) => `${key}${count}`, { value: string() })
    .to('out');
  return builder.build();
}

/** Nobody is thrown out for being silent. A transaction ends by itself after 30 seconds. */
const patient = { sessionTimeout: '3 hours', heartbeatInterval: '50ms' } as const;

/** A worker dies between its offsets and the end of its transaction; its membership is ended. */
async function dyingInCommit(workshop: Workshop) {
  const process = workshop.runtime.createProcess();
  let isDying = false;
  const dead = await workshop.start(counting(), {
    ...patient,
    process,
    instanceId: 'dead',
    intercept: async ({ api }, go) => {
      if (!isDying || api !== 'commit') return go();
      process.suspend();
      return new Promise(() => undefined);
    },
  });
  await workshop.feed('in', textRecords(['a=1']));
  await workshop.until(dead.caughtUp());
  isDying = true;
  await workshop.feed('in', textRecords(['a=1', 'b=1']));
  await workshop.runtime.advance(1_000);
  const partition = [{ topic: 'app-counts-changelog', partition: 0 }];
  const [ends] = await workshop.log.admin.ends(partition);
  expect(ends?.lastStableOffset).toBeLessThan(ends?.logEndOffset ?? 0);
  const { memberIds } = workshop.coordinator.describe('app');
  const [memberId = ''] = memberIds;
  await workshop.coordinator.leave({ group: 'app', memberId, instanceId: 'dead' });
}

describe('who takes over from a dead worker', () => {
  it('ends its open transaction, and does not wait for the time-out', async () => {
    const workshop = new Workshop();
    await dyingInCommit(workshop);
    const heir = await workshop.start(counting(), { ...patient, instanceId: 'heir' });
    await workshop.runtime.advance(1_000);
    await workshop.until(heir.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2', 'b1']);
    expect(workshop.runtime.clock.monotonicTimeMs()).toBeLessThan(20_000);
  });

  it('waits where the log does not let it, and says so', async () => {
    const workshop = new Workshop();
    await dyingInCommit(workshop);
    const warnings: string[] = [];
    const ignore = () => undefined;
    let producers = 0;
    const heir = await workshop.start(counting(), {
      ...patient,
      instanceId: 'heir',
      logger: { debug: ignore, info: ignore, error: ignore, warn: (text) => warnings.push(text) },
      intercept: async ({ api }, go) => {
        if (api === 'init-producer') producers += 1;
        // The first is its own.
        if (api !== 'init-producer' || producers === 1) return go();
        throw new LogError('fatal', 'LOG_IO', 'Not authorized.');
      },
    });
    await workshop.runtime.advance(1_000);
    expect(await workshop.values('out')).toEqual(['a1']);
    expect(warnings.filter((text) => text.includes("'app-dead'"))).not.toEqual([]);
    await workshop.runtime.advance(60_000);
    await workshop.until(heir.caughtUp());
    expect(await workshop.values('out')).toEqual(['a1', 'a2', 'b1']);
  });
});

it('a live member is never fenced: tasks go from one to the other without a recovery', async () => {
  const workshop = new Workshop({ partitions: 4 });
  await workshop.feed('in', textRecords(['a=1', 'b=1', 'c=1', 'd=1']));
  const one = await workshop.start(counting());
  await workshop.until(one.caughtUp());
  const two = await workshop.start(counting());
  await workshop.runtime.advance(1_000);
  await workshop.feed('in', textRecords(['a=1', 'b=1', 'c=1', 'd=1']));
  await workshop.until(Promise.all([one.caughtUp(), two.caughtUp()]));
  const three = await workshop.start(counting());
  await workshop.runtime.advance(1_000);
  const workers = [one, two, three];
  await workshop.until(Promise.all(workers.map((worker) => worker.caughtUp())));
  expect(workers.map((worker) => worker.status().recoveries)).toEqual([0, 0, 0]);
  const counts = workers.map((worker) => worker.status().tasks.length);
  expect(counts.sort()).toEqual([1, 1, 2]);
});
