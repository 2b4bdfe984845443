import { describe, expect, it } from 'vitest';
import { noHeaders } from '../../../../src/core/model/headers.ts';
import { decodeBatch } from '../../../../src/core/log/record-batch/decode-batch.ts';
import {
  createRecordBatchBuilder,
  writeCrc,
} from '../../../../src/core/log/record-batch/encode-batch.ts';
import { crc32c, crc32cByTable } from '../../../../src/core/log/record-batch/crc32c.ts';

const stamp = {
  baseOffset: 7,
  producerId: 1,
  producerEpoch: 0,
  baseSequence: 0,
  isTransactional: false,
};

function batchOf(...values: string[]): Buffer {
  const builder = createRecordBatchBuilder();
  for (const value of values) builder.append(1000, 'key', value, noHeaders);
  return builder.finish(stamp);
}

describe('checksum', () => {
  it('agrees with the published vector, in native code and by table', () => {
    const bytes = Buffer.from('123456789');
    expect(crc32cByTable(bytes).toString(16)).toBe('e3069283');
    expect(crc32c(bytes).toString(16)).toBe('e3069283');
  });

  it('is the same by table as in native code for every length', () => {
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => (index * 37) & 0xff));
    for (let length = 0; length <= bytes.length; length++) {
      const part = bytes.subarray(bytes.length - length);
      expect(crc32cByTable(part)).toBe(crc32c(part));
    }
  });
});

describe('batch', () => {
  it('holds positions into its own buffer', () => {
    const batch = decodeBatch(batchOf('one', 'two'));
    const text = batch.buffer.toString('latin1');
    expect(text.slice(batch.keyStart(1), batch.keyEnd(1))).toBe('key');
    expect(text.slice(batch.valueStart(1), batch.valueEnd(1))).toBe('two');
    expect(batch.value(1)?.buffer).toBe(batch.buffer.buffer);
  });

  it('of which nothing is left still covers its offsets', () => {
    const batch = decodeBatch(createRecordBatchBuilder().finish(stamp));
    expect([batch.count, batch.baseOffset, batch.nextOffset]).toEqual([0, 7, 8]);
  });

  it('has the time the broker gave it where the broker stamps', () => {
    const bytes = batchOf('a', 'b');
    bytes.writeInt16BE(0x08, 21);
    bytes.writeBigInt64BE(5000n, 35);
    writeCrc(bytes);
    const batch = decodeBatch(bytes, { checkCrc: true });
    expect([batch.timestamp(0), batch.timestamp(1)]).toEqual([5000, 5000]);
  });

  it('grows out of the memory that was reserved', () => {
    const builder = createRecordBatchBuilder({ initialBytes: 1 });
    const value = 'x'.repeat(100_000);
    builder.append(0, null, value, noHeaders);
    const bytes = builder.finish(stamp);
    expect(decodeBatch(bytes).value(0)?.toString()).toBe(value);
    expect(bytes.length).toBe(builder.byteLength);
  });

  it("survives that its builder's memory goes to the next one", () => {
    const first = batchOf('first');
    const copy = Buffer.from(first);
    batchOf('second, and longer than the first');
    expect(first).toEqual(copy);
  });
});

describe('a batch is refused', () => {
  const where = { topic: 'orders', partition: 3 };
  const corrupt = { code: 'CORRUPT_BATCH', errorClass: 'fatal', where };

  it.each([
    ['that is compressed', (b: Buffer) => b.writeInt16BE(4, 21), 'UNSUPPORTED_CODEC'],
    ['of another format', (b: Buffer) => b.writeInt8(1, 16), 'CORRUPT_BATCH'],
    ['whose checksum is wrong', (b: Buffer) => b.writeInt8(9, b.length - 2), 'CORRUPT_BATCH'],
    ['with more records than bytes', (b: Buffer) => b.writeInt32BE(2 ** 30, 57), 'CORRUPT_BATCH'],
    ['that is longer than its bytes', (b: Buffer) => b.writeInt32BE(9999, 8), 'CORRUPT_BATCH'],
    ['with a negative length', (b: Buffer) => b.writeInt32BE(-1, 8), 'CORRUPT_BATCH'],
    ['above 2^53 - 1', (b: Buffer) => b.writeBigInt64BE(2n ** 53n, 0), 'OFFSET_TOO_LARGE'],
  ])('%s', (_what, damage, code) => {
    const bytes = batchOf('value');
    damage(bytes);
    if (code === 'UNSUPPORTED_CODEC') writeCrc(bytes);
    const decode = () => decodeBatch(bytes, { checkCrc: true, where });
    expect(decode).toThrow(expect.objectContaining({ code, errorClass: 'fatal' }));
  });

  it('with the place in the message', () => {
    const decode = () => decodeBatch(Buffer.alloc(3), { where });
    expect(decode).toThrow(expect.objectContaining(corrupt));
    expect(decode).toThrow("'orders', partition 3");
  });
});
