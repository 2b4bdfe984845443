import { expect, it } from 'vitest';
import { embedded, produce, readCommitted, string } from '../../../src/index.ts';

it('what is produced is read back, each key on its partition, nulls included', async () => {
  const log = embedded({ partitions: 3 });
  const serdes = { key: string(), value: string() };
  const records = Array.from({ length: 2000 }, (_, index) => ({
    key: index % 5 === 0 ? null : `k${index % 7}`,
    value: index % 11 === 0 ? null : 'x'.repeat(index),
    timestamp: index,
  }));
  await produce(log, 'in', serdes, records);
  const read = await readCommitted(log, 'in', serdes);
  const byTime = read.map(({ key, value, timestamp }) => ({ key, value, timestamp }));
  expect(byTime.sort((a, b) => a.timestamp - b.timestamp)).toEqual(records);
  await log.close();
});
