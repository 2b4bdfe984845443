import fc from 'fast-check';
import { expect, it } from 'vitest';
import { headersOf } from '../../../../src/core/model/headers.ts';
import { LogError } from '../../../../src/core/model/errors.ts';
import { writeCrc } from '../../../../src/core/log/record-batch/encode-batch.ts';
import { decodeBatch, decodeBatches } from '../../../../src/core/log/record-batch/decode-batch.ts';
import { createRecordBatchBuilder } from '../../../../src/core/log/record-batch/encode-batch.ts';
import { retainRecords } from '../../../../src/core/log/record-batch/retain-records.ts';
import type { RecordBatch } from '../../../../src/core/log/record-batch/record-batch.ts';
import { propertyOptions } from '../../../support/property-options.ts';

// Text beyond ASCII, beyond one code unit and with lone surrogates, short and long.
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.stringMatching(/^[a-z\ud83d\ude00é]{0,40}$/),
);
const bytes = fc.uint8Array({ maxLength: 80 });
const field = fc.oneof(text, bytes, fc.constant(null));
const timestamp = fc.oneof(fc.nat(5), fc.integer(), fc.integer({ min: -(2 ** 52), max: 2 ** 52 }));
const record = fc.record({
  timestamp,
  key: field,
  value: field,
  headers: fc.array(fc.tuple(fc.string({ maxLength: 5 }), bytes), { maxLength: 2 }),
});
type Written = typeof record extends fc.Arbitrary<infer T> ? T : never;
const stamp = fc.record({
  baseOffset: fc.maxSafeNat().map((offset) => Math.floor(offset / 2)),
  producerId: fc.maxSafeInteger(),
  producerEpoch: fc.integer({ min: -1, max: 32_767 }),
  baseSequence: fc.integer({ min: -1 }),
  isTransactional: fc.boolean(),
});

function builderOf(records: readonly Written[], initialBytes = 0) {
  const builder = createRecordBatchBuilder({ initialBytes });
  for (const { timestamp, key, value, headers } of records) {
    builder.append(timestamp, key, value, headersOf(headers));
  }
  return builder;
}

/** What is expected back: text as the bytes that UTF-8 gives it. */
const fieldOf = (field: string | Uint8Array | null) =>
  field === null ? null : Buffer.from(field).toString('hex');

function recordsOf(batch: RecordBatch) {
  return Array.from({ length: batch.count }, (_, index) => ({
    offset: batch.offset(index),
    timestamp: batch.timestamp(index),
    key: batch.key(index)?.toString('hex') ?? null,
    value: batch.value(index)?.toString('hex') ?? null,
    headers: batch
      .headers(index)
      .entries()
      .map(([name, value]) => [name, fieldOf(value)]),
  }));
}

const expected = (records: readonly Written[], baseOffset: number) =>
  records.map(({ timestamp, key, value, headers }, index) => ({
    offset: baseOffset + index,
    timestamp,
    key: fieldOf(key),
    value: fieldOf(value),
    headers: headers.map(([name, header]) => [name, fieldOf(header)]),
  }));

it('a batch reads back as it was written', () => {
  const law = fc.property(fc.array(record, { maxLength: 20 }), stamp, (records, stamp) => {
    const batch = decodeBatch(builderOf(records).finish(stamp), { checkCrc: true });
    expect(recordsOf(batch)).toEqual(expected(records, stamp.baseOffset));
    expect(batch).toMatchObject(stamp);
    const times = records.map(({ timestamp }) => timestamp);
    expect(batch.maxTimestamp).toBe(records.length === 0 ? -1 : Math.max(...times));
  });
  fc.assert(law, propertyOptions(500));
});

it('a builder cut back to a mark is as if the rest had never been appended', () => {
  const records = fc.array(record, { maxLength: 8 });
  const law = fc.property(records, records, records, stamp, (before, undone, after, stamp) => {
    const builder = builderOf(before);
    const mark = builder.mark();
    const append = (records: readonly Written[]) => {
      for (const { timestamp, key, value, headers } of records) {
        builder.append(timestamp, key, value, headersOf(headers));
      }
    };
    append(undone);
    builder.truncate(mark);
    append(after);
    const finished = builder.finish(stamp);
    expect(finished).toEqual(builderOf([...before, ...after]).finish(stamp));
  });
  fc.assert(law, propertyOptions(200));
});

it('batches one behind another read back one by one', () => {
  const batches = fc.array(fc.array(record, { maxLength: 4 }), { maxLength: 5 });
  const law = fc.property(batches, stamp, (batches, stamp) => {
    const bytes = Buffer.concat(batches.map((records) => builderOf(records).finish(stamp)));
    expect(decodeBatches(bytes).map(recordsOf)).toEqual(
      batches.map((records) => expected(records, stamp.baseOffset)),
    );
  });
  fc.assert(law, propertyOptions(100));
});

it('left-out records leave the others with their offsets', () => {
  const kept = fc.array(fc.tuple(record, fc.boolean()), { maxLength: 12 });
  const law = fc.property(kept, stamp, (kept, stamp) => {
    const records = kept.map(([record]) => record);
    const whole = decodeBatch(builderOf(records).finish(stamp));
    const retained = retainRecords(whole, (index) => kept[index]?.[1] === true);
    const batch = decodeBatch(retained, { checkCrc: true });
    expect(recordsOf(batch)).toEqual(
      expected(records, stamp.baseOffset).filter((_, index) => kept[index]?.[1]),
    );
    expect(batch.nextOffset).toBe(whole.nextOffset);
  });
  fc.assert(law, propertyOptions(200));
});

const damage = fc.record({
  at: fc.nat(),
  byte: fc.nat(255),
  cut: fc.option(fc.nat(), { nil: null }),
});

it('bytes that are damaged, also under a right checksum, decode or are refused by code', () => {
  const records = fc.array(record, { minLength: 1, maxLength: 5 });
  const law = fc.property(records, stamp, fc.array(damage), (records, stamp, damages) => {
    let bytes = builderOf(records).finish(stamp);
    for (const { at, byte, cut } of damages) {
      bytes[at % bytes.length] = byte;
      if (cut !== null) bytes = bytes.subarray(0, Math.max(1, cut % bytes.length));
      if (bytes.length > 61) writeCrc(bytes);
    }
    for (const read of [() => [decodeBatch(bytes)], () => decodeBatches(bytes)]) {
      try {
        for (const batch of read()) recordsOf(batch);
      } catch (error) {
        expect(error).toBeInstanceOf(LogError);
        const codes = ['CORRUPT_BATCH', 'OFFSET_TOO_LARGE', 'UNSUPPORTED_CODEC'];
        expect(codes).toContain((error as LogError).code);
      }
    }
  });
  fc.assert(law, propertyOptions(2000));
});

it('any flipped bit behind the checksum is found by it', () => {
  const records = fc.array(record, { minLength: 1, maxLength: 3 });
  const law = fc.property(records, stamp, fc.nat(), fc.nat(7), (records, stamp, at, bit) => {
    const bytes = builderOf(records).finish(stamp);
    const position = 21 + (at % (bytes.length - 21));
    bytes[position]! ^= 1 << bit;
    expect(() => decodeBatch(bytes, { checkCrc: true })).toThrow(LogError);
  });
  fc.assert(law, propertyOptions(300));
});
