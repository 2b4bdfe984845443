import zlib from 'node:zlib';
import { expect, it } from 'vitest';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import {
  type CompressionCodec,
  compressionCodecs,
} from '../../../../src/core/log/record-batch/codecs.ts';
import { decodeBatch } from '../../../../src/core/log/record-batch/decode-batch.ts';
import { createDecompress } from '../../../../src/core/log/record-batch/decompress.ts';
import { writeCrc } from '../../../../src/core/log/record-batch/encode-batch.ts';
import { builderOf, recordsOf } from '../../../support/log-fixture.ts';

const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;
const where = { topic: 'orders', partition: 0, offset: 5 };
const records = ['a=1', 'b', 'c=ccccccccccccccccccccccccccccccccccccccccc'];
const stamp = { producerId: 9, producerEpoch: 1, baseSequence: 3, isTransactional: true };

const plain = (): Buffer => builderOf(records).finish({ ...stamp, baseOffset: 5 });

/** As a producer that compresses writes it: all records as one block. */
function compressed(codec: number, compress: (bytes: Buffer) => Uint8Array): Buffer {
  const whole = plain();
  const batch = Buffer.concat([whole.subarray(0, 61), compress(whole.subarray(61))]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(batch.readInt16BE(21) | codec, 21);
  writeCrc(batch);
  return batch;
}

/** As Kafka's Java client frames its blocks. */
function xerial(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from('82534e41505059000000000100000001', 'hex')];
  for (let at = 0; at < bytes.length; at += 16) {
    const block = compressSync(bytes.subarray(at, at + 16));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** A frame of one block that is stored as it is. */
function zstdFrame(bytes: Buffer): Buffer {
  const header = Buffer.from('28b52ffd0058000000', 'hex');
  header.writeUIntLE((bytes.length << 3) | 1, 6, 3);
  return Buffer.concat([header, bytes]);
}

const ways: readonly (readonly [string, number, (bytes: Buffer) => Uint8Array])[] = [
  ['gzip', GZIP, (bytes) => zlib.gzipSync(bytes)],
  ['snappy in frames', SNAPPY, xerial],
  ['snappy', SNAPPY, (bytes) => compressSync(bytes)],
  ['lz4', LZ4, (bytes) => compressFrameSync(bytes)],
  ['zstd', ZSTD, zstdFrame],
];

it.each(ways)('a batch is the same uncompressed: %s', async (_, codec, compress) => {
  const batch = await createDecompress()(compressed(codec, compress), where);
  expect(batch.toString('hex')).toBe(plain().toString('hex'));
  expect(recordsOf(decodeBatch(batch, { checkCrc: true }))).toEqual([
    '5:a=1',
    '6:b',
    '7:c=ccccccccccccccccccccccccccccccccccccccccc',
  ]);
});

it('a batch that is not compressed is returned as it is', async () => {
  const batch = plain();
  expect(await createDecompress()(batch, where)).toBe(batch);
});

it.each([
  [GZIP, '1f8b08000000000000ffcb48cdc9c957c8402701e3513d8d17000000'],
  [SNAPPY, '82534e415050590000000001000000010000000b171468656c6c6f20420600'],
  [SNAPPY, '171468656c6c6f20420600'],
  [LZ4, '04224d186040820f0000006868656c6c6f2006005068656c6c6f00000000'],
  [ZSTD, '28b52ffd00586400003068656c6c6f200100994b11010000'],
])('codec %i reads what other encoders write: %s', async (number, hex) => {
  const uncompress = await compressionCodecs.get(number)?.load();
  const bytes = uncompress?.(Buffer.from(hex, 'hex'), 10_000);
  expect(bytes?.toString()).toBe('hello hello hello hello');
});

it.each(ways)('data that grow beyond the bound are refused: %s', async (name, codec, compress) => {
  const decompress = createDecompress(compressionCodecs, 50);
  await expect(decompress(compressed(codec, compress), where)).rejects.toMatchObject({
    code: 'CORRUPT_BATCH',
    errorClass: 'fatal',
    where,
    message: expect.stringContaining(name.split(' ')[0] ?? name) as string,
  });
});

it.each(ways)('data that are cut or damaged are refused: %s', async (_, codec, compress) => {
  const decompress = createDecompress();
  for (const keep of [0, 3, 9, 20]) {
    const batch = compressed(codec, (bytes) => compress(bytes).subarray(0, keep));
    // What is left may be whole by chance: then its records do not fit their number.
    const read = async () => decodeBatch(await decompress(batch, where), { where });
    await expect(read()).rejects.toMatchObject({ code: 'CORRUPT_BATCH' });
  }
});

it('a missing package is named, with what to do', async () => {
  const missing: CompressionCodec = {
    name: 'snappy',
    packageName: 'snappy',
    load: () => Promise.reject(new Error("Cannot find package 'snappy'")),
  };
  const decompress = createDecompress(new Map([[SNAPPY, missing]]));
  await expect(decompress(compressed(SNAPPY, xerial), where)).rejects.toMatchObject({
    code: 'UNSUPPORTED_CODEC',
    errorClass: 'fatal',
    where,
    message:
      "The record batch at offset 5 of 'orders', partition 0, is compressed with snappy, which " +
      'cannot be read. Install the package that reads it: npm install snappy.',
  });
});

it('a codec that nobody knows is refused', async () => {
  const batch = compressed(7, (bytes) => bytes);
  await expect(createDecompress()(batch, where)).rejects.toMatchObject({
    code: 'UNSUPPORTED_CODEC',
    message: expect.stringContaining('codec 7') as string,
  });
});

it('a codec is loaded once', async () => {
  let loads = 0;
  const counting: CompressionCodec = {
    name: 'none',
    packageName: null,
    load: async () => {
      loads += 1;
      return (bytes) => bytes;
    },
  };
  const decompress = createDecompress(new Map([[GZIP, counting]]));
  for (let round = 0; round < 3; round += 1) {
    await decompress(
      compressed(GZIP, (bytes) => bytes),
      where,
    );
  }
  expect(loads).toBe(1);
});
