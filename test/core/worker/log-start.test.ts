import { expect, it } from 'vitest';
import { embedded, memoryBackend, run, string, TopologyBuilder } from '../../../src/index.ts';
import { feed, readAll } from '../../support/log-records.ts';

it('a topic that was never read is read from where its log begins', async () => {
  const log = embedded({ partitions: 1 });
  const records = ['a', 'b', 'c'].map((value) => ({ key: 'k', value, timestamp: 1 }));
  await feed(log, 'in', records);
  await log.admin.deleteRecords([{ topic: 'in', partition: 0, offset: 2 }]);
  const builder = new TopologyBuilder('app');
  builder.stream('in', { key: string(), value: string() }).to('out');
  const worker = await run(builder.build(), {
    log,
    state: memoryBackend(),
    instanceId: 'one',
  });
  await worker.caughtUp();
  await worker.close();
  const values = (await readAll(log, 'out')).map(({ value }) => value?.toString());
  expect(values).toEqual(['c']);
  await log.close();
});
