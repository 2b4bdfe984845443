const frameMagic = 0x184d2204;
const hasDictionaryId = 0x01;
const hasContentSize = 0x08;
const hasBlockChecksums = 0x10;
const isUncompressed = 0x80000000;
/** No byte of a block stands for more. */
const maxGrowth = 256;

/**
 * Walks the blocks of an LZ4 frame: none tells how large it will be, but what it can be at most is
 * known before memory is taken for it.
 */
export function checkLz4Size(frame: Buffer, maxBytes: number): void {
  if (frame.readUInt32LE(0) !== frameMagic) throw new RangeError('it is no LZ4 frame');
  const flags = frame.readUInt8(4);
  const maxBlockBytes = 2 ** (8 + 2 * ((frame.readUInt8(5) >> 4) & 7));
  let at = 7;
  if ((flags & hasContentSize) !== 0) at += 8;
  if ((flags & hasDictionaryId) !== 0) at += 4;
  let bytes = 0;
  for (;;) {
    const size = frame.readUInt32LE(at);
    if (size === 0) return;
    const blockBytes = size % isUncompressed;
    bytes += size === blockBytes ? Math.min(maxBlockBytes, blockBytes * maxGrowth) : blockBytes;
    if (bytes > maxBytes) throw new RangeError(`it may grow beyond ${maxBytes} bytes`);
    at += 4 + blockBytes + ((flags & hasBlockChecksums) === 0 ? 0 : 4);
  }
}
