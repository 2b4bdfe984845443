import { type ErrorPlace, LogError } from '../../model/errors.ts';
import {
  BatchAttribute,
  BatchField,
  headerBytes,
  lengthOverheadBytes,
  readBatchHeader,
} from './batch-header.ts';
import { type CompressionCodec, compressionCodecs, type Uncompress } from './codecs.ts';
import { corruptBatch } from './corrupt-batch.ts';
import { writeCrc } from './encode-batch.ts';

/** Of one batch, uncompressed: a few bytes can stand for more than there is memory. */
const maxUncompressedBytes = 256 * 1024 * 1024;

/** Makes of a compressed batch the same batch uncompressed; another is returned as it is. */
export type Decompress = (batch: Buffer, where: ErrorPlace) => Promise<Buffer>;

/**
 * The packages that codecs need are loaded when the first batch needs them.
 *
 * @throws {LogError} from the function returned: `CORRUPT_BATCH`, `UNSUPPORTED_CODEC`.
 */
export function createDecompress(
  codecs: ReadonlyMap<number, CompressionCodec> = compressionCodecs,
  maxBytes = maxUncompressedBytes,
): Decompress {
  const loaded = new Map<CompressionCodec, Uncompress>();
  return async (batch, where) => {
    const { codec: number } = readBatchHeader(batch, 0, where);
    if (number === 0) return batch;
    const codec = codecs.get(number);
    if (codec === undefined) throw unsupported(`codec ${number}`, where);
    const uncompress = loaded.get(codec) ?? (await load(codec, where));
    loaded.set(codec, uncompress);
    try {
      return uncompressed(batch, uncompress(batch.subarray(headerBytes), maxBytes));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw corruptBatch(`its ${codec.name} data cannot be read (${problem})`, 0, where);
    }
  };
}

async function load(codec: CompressionCodec, where: ErrorPlace): Promise<Uncompress> {
  try {
    return await codec.load();
  } catch (cause) {
    const { name, packageName } = codec;
    throw unsupported(name, where, {
      cause,
      remedy: `Install the package that reads it: npm install ${packageName ?? name}.`,
    });
  }
}

function uncompressed(batch: Buffer, records: Buffer): Buffer {
  const whole = Buffer.concat([batch.subarray(0, headerBytes), records]);
  const attributes = whole.readInt16BE(BatchField.attributes) & ~BatchAttribute.codecMask;
  whole.writeInt16BE(attributes, BatchField.attributes);
  whole.writeInt32BE(whole.length - lengthOverheadBytes, BatchField.batchLength);
  writeCrc(whole);
  return whole;
}

function unsupported(
  codec: string,
  where: ErrorPlace,
  {
    cause,
    remedy = 'Write to it with gzip, snappy, lz4, zstd or uncompressed.',
  }: {
    readonly cause?: unknown;
    readonly remedy?: string;
  } = {},
): LogError {
  const { topic = '?', partition = '?', offset = '?' } = where;
  return new LogError(
    'fatal',
    'UNSUPPORTED_CODEC',
    `The record batch at offset ${offset} of '${topic}', partition ${partition}, is compressed ` +
      `with ${codec}, which cannot be read. ${remedy}`,
    { where, cause },
  );
}
