import { expect, it } from 'vitest';
import { headersOf, noHeaders } from '../../../../src/core/model/headers.ts';
import { encodeMarker, readMarker } from '../../../../src/core/log/record-batch/control-batch.ts';
import { decodeBatch, decodeBatches } from '../../../../src/core/log/record-batch/decode-batch.ts';
import { createRecordBatchBuilder } from '../../../../src/core/log/record-batch/encode-batch.ts';
import type { RecordBatch } from '../../../../src/core/log/record-batch/record-batch.ts';
import { abortMarker, fetchedFromBroker, producedBatch, transactionalBatch } from './golden.ts';

const TIME = 1_700_000_000_000;

/** A broker fills in its leader epoch, which the checksum leaves out. */
function withoutLeaderEpoch(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  copy.writeInt32BE(-1, 12);
  return copy;
}

const textOf = (batch: RecordBatch, index: number) => [
  batch.offset(index),
  batch.timestamp(index),
  batch.key(index)?.toString() ?? null,
  batch.value(index)?.toString() ?? null,
];

it('reads what a broker has kept', () => {
  const batch = decodeBatch(transactionalBatch, { checkCrc: true });
  expect(batch).toMatchObject({
    baseOffset: 0,
    nextOffset: 2,
    count: 2,
    maxTimestamp: TIME + 5,
    producerId: 4000,
    producerEpoch: 7,
    baseSequence: 3,
    isTransactional: true,
    isControl: false,
  });
  expect(textOf(batch, 0)).toEqual([0, TIME, 'a', '1']);
  expect(textOf(batch, 1)).toEqual([1, TIME + 5, 'b', null]);
  expect(batch.headers(0)).toBe(noHeaders);
  expect(batch.headers(1).entries()).toEqual([['h', Buffer.from('v')]]);
});

it('writes the same bytes as Kafka', () => {
  const builder = createRecordBatchBuilder();
  builder.append(TIME, 'a', '1', noHeaders);
  builder.append(TIME + 5, Buffer.from('b'), null, headersOf([['h', Buffer.from('v')]]));
  const batch = builder.finish({
    baseOffset: 0,
    producerId: 4000,
    producerEpoch: 7,
    baseSequence: 3,
    isTransactional: true,
  });
  expect(batch.toString('hex')).toBe(withoutLeaderEpoch(transactionalBatch).toString('hex'));
});

it('writes what a broker accepted from another client', () => {
  const builder = createRecordBatchBuilder();
  builder.append(TIME, 'k0', 'v3', noHeaders);
  const stamp = { baseOffset: 0, producerId: 37, producerEpoch: 6, baseSequence: 0 };
  const batch = builder.finish({ ...stamp, isTransactional: true });
  expect(batch.toString('hex')).toBe(producedBatch.toString('hex'));
});

it('writes and reads markers as a broker does', () => {
  const marker = encodeMarker({
    outcome: 'abort',
    baseOffset: 2,
    timestamp: TIME + 9,
    producerId: 4000,
    producerEpoch: 7,
    coordinatorEpoch: 3,
  });
  expect(marker.toString('hex')).toBe(withoutLeaderEpoch(abortMarker).toString('hex'));
  expect(readMarker(decodeBatch(abortMarker, { checkCrc: true }))).toBe('abort');
});

it('reads a whole fetch answer of a broker, and leaves out a batch that is cut off', () => {
  const batches = decodeBatches(fetchedFromBroker, { checkCrc: true });
  expect(batches.map(({ baseOffset, nextOffset }) => [baseOffset, nextOffset])).toEqual(
    Array.from({ length: 11 }, (_, offset) => [offset, offset + 1]),
  );
  const markers = batches.filter(({ isControl }) => isControl).map(readMarker);
  expect(markers).toEqual(['commit', 'commit', 'abort', 'commit', 'abort', 'commit']);
  const data = batches.filter(({ isControl }) => !isControl);
  expect(data.map((batch) => textOf(batch, 0).slice(2).join())).toEqual(
    ['e0', 'e1', 'e2', 'e3', 'e4'].map((value) => `k0,${value}`),
  );
  const cut = fetchedFromBroker.subarray(0, fetchedFromBroker.length - 1);
  expect(decodeBatches(cut)).toHaveLength(10);
});

it('a data record that looks like a marker is none', () => {
  const builder = createRecordBatchBuilder();
  builder.append(TIME, Buffer.alloc(4), Buffer.alloc(6), noHeaders);
  const stamp = { baseOffset: 0, producerId: 1, producerEpoch: 0, baseSequence: 0 };
  const batch = decodeBatch(builder.finish({ ...stamp, isTransactional: true }));
  expect(readMarker(batch)).toBeNull();
});
