import { describe, expect, it } from 'vitest';
import { fillTopic, recordsOf } from '../../bench/log/fill.ts';
import { committedRecords, untilCaughtUp } from '../../bench/log/progress.ts';
import { isAtEnd, partitionsOf, readTopic } from '../../bench/log/read-topic.ts';
import { users } from '../../bench/data/data-sets.ts';
import { createRecordBatchBuilder } from '../../src/core/log/record-batch/encode-batch.ts';
import { embedded } from '../../src/core/log/embedded/embedded.ts';
import { noHeaders } from '../../src/core/model/headers.ts';

const partition = { topic: 'users', partition: 0 };
const notYet = { group: 'g', generation: -1, memberId: '' };

describe('filling and reading a log', () => {
  it('what was filled is read back, in the order of the data set within a partition', async () => {
    const log = embedded();
    await fillTopic(log, { topic: 'users', partitions: 2, records: recordsOf(users, 0, 2_500) });
    const batches = await readTopic(log, 'users');
    const keys = batches.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, index) => batch.key(index)?.toString() ?? ''),
    );
    expect([...keys].sort()).toEqual([...recordsOf(users, 0, 2_500)].map(({ key }) => key));
    expect(await partitionsOf(log, 'users')).toHaveLength(2);
    await log.close();
  });

  it('a marker behind the last record is no record to wait for', async () => {
    const log = embedded();
    await fillTopic(log, { topic: 'users', partitions: 1, records: [] });
    const writer = await log.openWriter({ transactionalId: 't', transactionTimeoutMs: 1_000 });
    const batch = createRecordBatchBuilder();
    batch.append(1, 'a', '1', noHeaders);
    await writer.produce([{ ...partition, batch }]);
    await writer.commit();
    expect(await isAtEnd(log, partition, 0)).toBe(false);
    expect(await isAtEnd(log, partition, 1)).toBe(true);
    await writer.sendOffsets([{ ...partition, offset: 1, metadata: '' }], notYet);
    await writer.commit();
    await untilCaughtUp(log, 'g', [partition]);
    expect(await committedRecords(log, 'g', [partition])).toBe(1);
    await log.close();
  });
});
