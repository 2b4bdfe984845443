import { joinChunks } from './join-chunks.ts';

/** What Kafka's Java client writes before its blocks: a magic and two versions. */
const xerialMagic = Buffer.from('82534e41505059', 'hex');
const xerialHeaderBytes = 16;

/**
 * Snappy as Kafka's clients write it: blocks with a 32-bit length before each, behind a header, or
 * one block alone.
 */
export function uncompressSnappy(
  bytes: Buffer,
  maxBytes: number,
  uncompressBlock: (block: Buffer) => Buffer,
): Buffer {
  return joinChunks(maxBytes, (push) => {
    const uncompress = (block: Buffer): void => {
      const size = sizeOf(block);
      if (size > maxBytes) throw new RangeError(`a block grows beyond ${maxBytes} bytes`);
      push(uncompressBlock(block));
    };
    const isFramed = bytes.subarray(0, xerialMagic.length).equals(xerialMagic);
    if (!isFramed) return uncompress(bytes);
    for (let at = xerialHeaderBytes; at < bytes.length;) {
      const start = at + 4;
      const end = start + bytes.readInt32BE(at);
      if (end < start || end > bytes.length) throw new RangeError('a block is cut off');
      uncompress(bytes.subarray(start, end));
      at = end;
    }
  });
}

/** Uncompressed; it stands before the block as an unsigned varint. */
function sizeOf(block: Buffer): number {
  let size = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = block.readUInt8(at);
    size += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return size;
  }
  throw new RangeError('the size of a block is longer than 5 bytes');
}
