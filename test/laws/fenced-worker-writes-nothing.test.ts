import { expect, it } from 'vitest';
import { onUpdate, string, TopologyBuilder } from '../../src/index.ts';
import { textRecords, Workshop } from '../support/workshop.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words.groupByKey().count({ name: 'counts', emit: onUpdate() }).toStream().to('out');
  return builder.build();
}

const topics = ['out', 'app-counts-changelog', 'app-in-progress'];

async function committed(workshop: Workshop) {
  const records = [];
  for (const topic of topics) records.push(...(await workshop.read(topic)));
  return records;
}

/** Hangs at a request of this kind, with work in hand; somebody else takes over. */
async function zombieAt(api: string, successor: string) {
  const workshop = new Workshop();
  const process = workshop.runtime.createProcess();
  let hangsNext = false;
  const zombie = await workshop.start(counting(), {
    process,
    instanceId: 'one',
    intercept: async (request, go) => {
      if (hangsNext && request.api === api) {
        hangsNext = false;
        process.suspend();
        await process.scheduler.sleep(1);
      }
      return go();
    },
  });
  await workshop.until(zombie.caughtUp());
  hangsNext = true;
  await workshop.feed('in', textRecords(['a=1', 'a=2', 'b=1']));
  await workshop.runtime.advance(300);
  const owner = await workshop.start(counting(), { instanceId: successor });
  await workshop.runtime.advance(1_000);
  await workshop.until(owner.caughtUp());
  return { workshop, process, zombie, owner };
}

for (const api of ['produce', 'send-offsets', 'commit']) {
  it(`a worker that hung at '${api}' while another took its tasks over`, async () => {
    const { workshop, process, zombie } = await zombieAt(api, 'two');
    const before = await committed(workshop);
    expect(before.length).toBeGreaterThan(3);
    process.resume();
    await workshop.runtime.advance(400);
    expect(zombie.status().recoveries).toBe(1);
    expect(await committed(workshop)).toEqual(before);
  });

  it(`a worker that hung at '${api}' while another came under its name`, async () => {
    const { workshop, process, zombie, owner } = await zombieAt(api, 'one');
    const before = await committed(workshop);
    process.resume();
    await expect(workshop.until(zombie.finished)).rejects.toMatchObject({
      code: 'INSTANCE_FENCED',
    });
    expect(await committed(workshop)).toEqual(before);
    await workshop.feed('in', textRecords(['a=3']));
    await workshop.until(owner.caughtUp());
    expect((await workshop.read('out')).length).toBe(4);
  });
}

it('at least once: a worker past its lease starts no write, as nothing else stops it', async () => {
  const workshop = new Workshop();
  const process = workshop.runtime.createProcess();
  const options = { guarantee: 'at-least-once', commitInterval: '300ms' } as const;
  let writes = 0;
  const zombie = await workshop.start(counting(), {
    ...options,
    process,
    intercept: ({ api }, go) => {
      if (api === 'produce') writes += 1;
      return go();
    },
  });
  await workshop.until(zombie.caughtUp());
  await workshop.feed('in', textRecords(['a=1', 'a=2', 'b=1']));
  // Taken, and not committed yet.
  await workshop.runtime.advance(100);
  expect(zombie.status().recordsIn).toBe(3);
  const writesBefore = writes;
  process.suspend();
  await workshop.runtime.advance(1_000);
  const owner = await workshop.start(counting(), options);
  await workshop.until(owner.caughtUp());
  const before = await committed(workshop);
  process.resume();
  await workshop.runtime.advance(2_000);
  expect(writes).toBe(writesBefore);
  expect(await committed(workshop)).toEqual(before);
});
