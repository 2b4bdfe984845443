import { expect, it } from 'vitest';
import { onUpdate, string, TopologyBuilder } from '../../../src/index.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    .groupBy((word) => word, { name: 'by-word', key: string() })
    .count({ name: 'counts', emit: onUpdate() });
  return builder.build();
}

it('a worker that stood still joins again, though others have purged what it reads', async () => {
  const workshop = new Workshop();
  const process = workshop.runtime.createProcess();
  const first = await workshop.start(counting(), {
    process,
    // The log is asked for records before the group has said that others have the tasks.
    intercept: async ({ api }, go) => {
      if (api === 'heartbeat') await workshop.runtime.scheduler.sleep(300);
      return go();
    },
  });
  await workshop.feed('in', textRecords(['a=x']));
  await workshop.runtime.advance(1_000);
  process.suspend();
  const second = await workshop.start(counting());
  await workshop.feed('in', textRecords(['a=x', 'b=x']));
  await workshop.runtime.advance(60_000);
  const [ends] = await workshop.log.admin.ends([
    { topic: 'app-by-word-repartition', partition: 0 },
  ]);
  expect(ends?.logStartOffset).toBe(ends?.logEndOffset);
  process.resume();
  await workshop.runtime.advance(5_000);
  expect([first.state, second.state]).toEqual(['running', 'running']);
  await workshop.until(Promise.all([first.close(), second.close()]));
});

it('a worker stops where what it is to read is gone', async () => {
  const workshop = new Workshop();
  const first = await workshop.start(counting());
  await workshop.feed('in', textRecords(['a=x']));
  await workshop.until(first.caughtUp());
  await workshop.until(first.close());
  await workshop.feed('in', textRecords(['a=x', 'b=x']));
  const place = { topic: 'in', partition: 0 };
  const [ends] = await workshop.log.admin.ends([place]);
  await workshop.log.admin.deleteRecords([{ ...place, offset: ends?.logEndOffset ?? 0 }]);
  const second = await workshop.start(counting());
  const stopped = expect(second.finished).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  await workshop.runtime.advance(5_000);
  await stopped;
});
