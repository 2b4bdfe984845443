import { expect, it } from 'vitest';
import { onUpdate, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { textRecords, Workshop } from '../support/workshop.ts';

it('from a record to its results nothing runs: log requests fall between records', async () => {
  const events: string[] = [];
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    .peek((value) => {
      events.push(`begin ${value}`);
      void Promise.resolve().then(() => events.push('microtask'));
    })
    .groupByKey()
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .peek((count) => events.push(`end ${count}`))
    .to('out');
  const workshop = new Workshop();
  let hasStarted = false;
  const worker = await workshop.start(builder.build(), {
    intercept: ({ api }, go) => {
      if (hasStarted && api === 'produce') events.push('produce');
      return go();
    },
  });
  hasStarted = true;
  await workshop.feed('in', textRecords(['k=a', 'k=b', 'k=c']));
  await workshop.until(worker.caughtUp());
  const inOrder = events.filter((event) => event !== 'microtask');
  const processed = ['begin a', 'end 1', 'begin b', 'end 2', 'begin c', 'end 3'];
  expect(inOrder.slice(0, 7)).toEqual([...processed, 'produce']);
  // A slice on memory has no await at all: not even a microtask comes between two records.
  expect(events.slice(0, 6)).toEqual(processed);
});

it('on memory a whole record, commit included, is done when send returns', () => {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words.groupByKey().count({ name: 'counts', emit: onUpdate() }).toStream().to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', { key: 'k', value: 'v', timestamp: 0 });
  expect(driver.read('out').map(({ value }) => value)).toEqual([1]);
});

it('a callback that returns a promise is refused, not awaited', async () => {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    // What a caller without types could do.
    .mapValues((value) => Promise.resolve(value) as unknown as string, { value: string() })
    .to('out');
  const workshop = new Workshop();
  await workshop.feed('in', textRecords(['k=a']));
  const worker = await workshop.start(builder.build());
  await expect(workshop.until(worker.finished)).rejects.toMatchObject({ code: 'SERIALIZATION' });
  expect(await workshop.read('out')).toEqual([]);
});

it('the calls of mapAsync are bounded, and a commit has all their results', async () => {
  const workshop = new Workshop();
  let open = 0;
  let mostOpen = 0;
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    .mapAsync(
      async (value) => {
        open += 1;
        mostOpen = Math.max(mostOpen, open);
        await workshop.runtime.scheduler.sleep(7);
        open -= 1;
        return value;
      },
      { maxInFlight: 3, value: string() },
    )
    .to('out');
  const values = Array.from({ length: 50 }, (_, index) => `${index}`);
  await workshop.feed('in', textRecords(values.map((value) => `k=${value}`)));
  const worker = await workshop.start(builder.build(), { commitInterval: '20ms' });
  await workshop.until(worker.caughtUp());
  expect(mostOpen).toBe(3);
  expect(worker.status().commits).toBeGreaterThan(1);
  expect(await workshop.values('out')).toEqual(values);
});
