import zlib from 'node:zlib';
import { checkLz4Size } from './lz4-size.ts';
import { uncompressSnappy } from './snappy-frames.ts';
import { joinChunks } from './join-chunks.ts';

/** Makes the records of a batch readable; throws where they are damaged or above the bound. */
export type Uncompress = (bytes: Buffer, maxBytes: number) => Buffer;

/** A way to compress, as brokers and producers know it. */
export interface CompressionCodec {
  readonly name: string;
  /** What must be installed to read it; null for what Node brings along. */
  readonly packageName: string | null;
  /** Called once, when the first batch needs it: packages for codecs are optional. */
  load(): Promise<Uncompress>;
}

const gzip: CompressionCodec = {
  name: 'gzip',
  packageName: null,
  load: async () => (bytes, maxBytes) => zlib.gunzipSync(bytes, { maxOutputLength: maxBytes }),
};

const snappy: CompressionCodec = {
  name: 'snappy',
  packageName: 'snappy',
  async load() {
    const { uncompressSync } = await import('snappy');
    const uncompress = (block: Buffer): Buffer => {
      const read = uncompressSync(block);
      return typeof read === 'string' ? Buffer.from(read) : read;
    };
    return (bytes, maxBytes) => uncompressSnappy(bytes, maxBytes, uncompress);
  },
};

const lz4: CompressionCodec = {
  name: 'lz4',
  packageName: 'lz4-napi',
  async load() {
    const { decompressFrameSync } = await import('lz4-napi');
    return (bytes, maxBytes) => {
      checkLz4Size(bytes, maxBytes);
      return decompressFrameSync(bytes);
    };
  },
};

/** Newer versions of Node bring it along. */
const builtInZstd: unknown = Reflect.get(zlib, 'zstdDecompressSync');

const zstd: CompressionCodec = {
  name: 'zstd',
  packageName: typeof builtInZstd === 'function' ? null : 'fzstd',
  async load() {
    if (typeof builtInZstd === 'function') {
      const uncompress = builtInZstd as typeof zlib.gunzipSync; // the same options and result
      return (bytes, maxBytes) => uncompress(bytes, { maxOutputLength: maxBytes });
    }
    const { Decompress } = await import('fzstd');
    return (bytes, maxBytes) =>
      joinChunks(maxBytes, (push) => {
        new Decompress(push).push(bytes, true);
      });
  },
};

/** By the number in the attributes of a batch. */
export const compressionCodecs: ReadonlyMap<number, CompressionCodec> = new Map([
  [1, gzip],
  [2, snappy],
  [3, lz4],
  [4, zstd],
]);
