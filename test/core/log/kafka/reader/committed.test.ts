import { expect, it } from 'vitest';
import { noHeaders } from '../../../../../src/core/model/headers.ts';
import { decodeBatch } from '../../../../../src/core/log/record-batch/decode-batch.ts';
import { createRecordBatchBuilder } from '../../../../../src/core/log/record-batch/encode-batch.ts';
import { retainRecords } from '../../../../../src/core/log/record-batch/retain-records.ts';
import { damaged, inTransaction, marker, plain } from './batches.ts';
import { ReaderFixture } from './reader-fixture.ts';

it('K1: a record whose key looks like an abort marker ends no transaction', async () => {
  const fixture = new ReaderFixture();
  const builder = createRecordBatchBuilder();
  builder.append(1000, Buffer.alloc(4), 'x', noHeaders);
  const stamp = { producerEpoch: 0, baseSequence: 0, isTransactional: true };
  fixture.at().batches = [
    builder.finish({ ...stamp, producerId: 7, baseOffset: 0 }),
    inTransaction(7, 1, 'a=1'),
    marker(7, 2, 'abort'),
    inTransaction(7, 3, 'b=2'),
    marker(7, 4, 'commit'),
  ];
  fixture.at().aborted = [{ producerId: 7, firstOffset: 0 }];
  expect(await fixture.read()).toMatchObject({ records: ['3:b=2'], nextOffset: 5 });
});

it('K2: each aborted transaction that began before the position is hidden', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [
    inTransaction(1, 0, 'a=1'),
    inTransaction(2, 1, 'b=1'),
    inTransaction(3, 2, 'c=1'),
    inTransaction(2, 3, 'b=2'),
    inTransaction(1, 4, 'a=2'),
    marker(1, 5, 'abort'),
    marker(2, 6, 'abort'),
    marker(3, 7, 'commit'),
  ];
  fixture.at().aborted = [
    { producerId: 1, firstOffset: 0 },
    { producerId: 2, firstOffset: 1 },
  ];
  expect(await fixture.read(3)).toMatchObject({ records: [], nextOffset: 8 });
  expect(await fixture.read(2)).toMatchObject({ records: ['2:c=1'], nextOffset: 8 });
});

it('K3: aborted transactions may be listed in the order of their markers', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [
    inTransaction(2, 0, 'b=1'),
    marker(2, 1, 'commit'),
    inTransaction(1, 2, 'a=1'),
    inTransaction(2, 3, 'b=2'),
    marker(2, 4, 'abort'),
    inTransaction(2, 5, 'b=3'),
    marker(2, 6, 'commit'),
    marker(1, 7, 'abort'),
  ];
  fixture.at().aborted = [
    { producerId: 2, firstOffset: 3 },
    { producerId: 1, firstOffset: 2 },
  ];
  expect(await fixture.read()).toMatchObject({ records: ['0:b=1', '5:b=3'], nextOffset: 8 });
});

it('read-uncommitted sees what was aborted, and no marker', async () => {
  const fixture = new ReaderFixture('read-uncommitted');
  fixture.at().batches = [inTransaction(1, 0, 'a=1'), marker(1, 1, 'abort')];
  expect(await fixture.read()).toMatchObject({ records: ['0:a=1'], nextOffset: 2 });
});

it('a record of no transaction is read amid an aborted one of its producer id', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [inTransaction(-1, 0, 'a=1'), plain(1, 'b=1'), marker(-1, 2, 'abort')];
  fixture.at().aborted = [{ producerId: -1, firstOffset: 0 }];
  expect(await fixture.read()).toMatchObject({ records: ['1:b=1'], nextOffset: 3 });
});

it('K15: an empty or a shortened batch moves the position past all it covers', async () => {
  const fixture = new ReaderFixture();
  const [whole, other] = [plain(0, 'a=1', 'b=2', 'c=3'), plain(3, 'd=4', 'e=5')];
  const empty = retainRecords(decodeBatch(whole), () => false);
  const withoutTail = retainRecords(decodeBatch(other), (index) => index === 0);
  fixture.at().batches = [empty];
  expect(await fixture.read()).toMatchObject({ records: [], nextOffset: 3 });
  fixture.at().batches = [empty, withoutTail];
  expect(await fixture.read(3)).toMatchObject({ records: ['3:d=4'], nextOffset: 5 });
});

it('K16: a batch of 200,000 records is read', async () => {
  const fixture = new ReaderFixture();
  const builder = createRecordBatchBuilder();
  for (let index = 0; index < 200_000; index += 1) builder.append(1000, 'k', null, noHeaders);
  const stamp = { producerId: -1, producerEpoch: -1, baseSequence: -1, isTransactional: false };
  fixture.at().batches = [builder.finish({ ...stamp, baseOffset: 0 })];
  const [fetched] = await fixture.fetch([{ topic: 'orders', partition: 0, offset: 0 }]);
  expect(fetched?.batches.map(({ count }) => count)).toEqual([200_000]);
  expect(fetched?.nextOffset).toBe(200_000);
});

it('K17: a batch with a wrong checksum is fetched once more and then refused', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [plain(0, 'a=1'), damaged(plain(1, 'b=2'))];
  // What lies before the damage can be read.
  expect(await fixture.read()).toMatchObject({ records: ['0:a=1'], nextOffset: 1 });
  await fixture.runtime.runUntilIdle();
  await expect(fixture.read(1)).rejects.toMatchObject({
    code: 'CORRUPT_BATCH',
    errorClass: 'fatal',
    where: { topic: 'orders', partition: 0, offset: 1 },
  });
  expect(fixture.asked.flat().filter((asked) => asked === 'orders:0@1')).toHaveLength(2);
});

it('a batch that was damaged on its way is read the second time', async () => {
  const fixture = new ReaderFixture();
  const whole = plain(0, 'a=1');
  fixture.at().batches = [damaged(whole)];
  fixture.before = async () => {
    if (fixture.asked.length === 2) fixture.at().batches = [whole];
  };
  expect(await fixture.read()).toMatchObject({ records: ['0:a=1'], nextOffset: 1 });
});

it('a batch that is cut off at the end is left for the next fetch', async () => {
  const fixture = new ReaderFixture();
  const cut = plain(1, 'b=2').subarray(0, 65);
  fixture.at().batches = [plain(0, 'a=1'), cut];
  expect(await fixture.read()).toMatchObject({ records: ['0:a=1'], nextOffset: 1 });
});

it('an answer with no whole batch at all is damage, not a wait without end', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [plain(0, 'a=1').subarray(0, 65)];
  await expect(fixture.read()).rejects.toMatchObject({
    code: 'CORRUPT_BATCH',
    where: { offset: 0 },
  });
});

it('a first batch may begin before the position; its records keep their offsets', async () => {
  const fixture = new ReaderFixture();
  fixture.at().batches = [plain(0, 'a=1', 'b=2', 'c=3')];
  const [fetched] = await fixture.fetch([{ topic: 'orders', partition: 0, offset: 1 }]);
  expect(fetched?.batches.map((batch) => batch.baseOffset)).toEqual([0]);
  expect(fetched?.nextOffset).toBe(3);
});

it('a batch below the position, at which nothing is left, is passed over', async () => {
  const fixture = new ReaderFixture();
  const builder = retainRecords(decodeBatch(plain(0, 'a=1', 'b=2', 'c=3')), (index) => index < 1);
  fixture.at().batches = [builder];
  expect(await fixture.read(2)).toMatchObject({ records: [], nextOffset: 3 });
});

it("damage that was read ahead is nobody's who has gone elsewhere", async () => {
  const fixture = new ReaderFixture();
  fixture.at().maxBatches = 1;
  fixture.at().batches = [plain(0, 'a=1'), damaged(plain(1, 'b=2')), plain(2, 'c=3')];
  await fixture.read(0);
  await fixture.runtime.runUntilIdle();
  expect(await fixture.read(2)).toMatchObject({ records: ['2:c=3'] });
});
