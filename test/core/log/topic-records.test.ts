import { expect, it } from 'vitest';
import { embedded, produce, readCommitted, string } from '../../../src/index.ts';
import { overriding } from '../../torture/overriding.ts';

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

it('an answer without news is not taken for the end of a topic', async () => {
  const log = embedded({ partitions: 1 });
  const serdes = { key: string(), value: string() };
  await produce(log, 'in', serdes, [{ key: 'ann', value: '1', timestamp: 0 }]);
  let fetches = 0;
  const silentAtFirst = overriding(log, {
    openReader(options) {
      const reader = log.openReader(options);
      return overriding(reader, {
        async fetch(requests, fetchOptions) {
          fetches += 1;
          const fetched = await reader.fetch(requests, fetchOptions);
          if (fetches > 2) return fetched;
          // As of a broker that is away: nothing, and no knowledge of the ends.
          const ends = { logStartOffset: 0, lastStableOffset: 1, logEndOffset: 1 };
          return requests.map(({ offset, ...place }) => {
            return { ...place, batches: [], nextOffset: offset, ends };
          });
        },
      });
    },
  });
  const read = await readCommitted(silentAtFirst, 'in', serdes);
  expect(read.map(({ key, value }) => [key, value])).toEqual([['ann', '1']]);
  await log.close();
});
