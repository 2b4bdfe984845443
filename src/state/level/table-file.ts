import { crc32c } from '../../core/log/record-batch/crc32c.ts';

/*
 * LevelDB's table format (doc/table_format.md of LevelDB): blocks, each followed by a type byte and
 * a masked CRC32C over block and type; at the end a footer of 48 bytes with the handles of the meta
 * index and the index, whose values are the handles of all other blocks. LevelDB does not check the
 * blocks it reads, and the option to make it is not exposed, so the checksums are compared here.
 */
const footerBytes = 48;
const trailerBytes = 5;
const tableMagic = Buffer.from('57fb808b247547db', 'hex');
const maskDelta = 0xa282ead8;
const uncompressed = 0;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** What is wrong with the bytes of a table file, or null: every block is as it was written. */
export function tableDamage(file: Buffer): string | null {
  try {
    checkTable(file);
    return null;
  } catch (error) {
    // Sizes and offsets in damaged blocks lead anywhere, out of the file too.
    return error instanceof RangeError ? error.message : String(error);
  }
}

function checkTable(file: Buffer): void {
  const footer = file.length - footerBytes;
  if (footer < 0) throw new RangeError('it is shorter than a footer');
  if (!file.subarray(file.length - tableMagic.length).equals(tableMagic)) {
    throw new RangeError('its footer is damaged');
  }
  const reader = new VarintReader(file, footer);
  const metaIndex = checkedBlock(file, reader.handle());
  const index = checkedBlock(file, reader.handle());
  for (const block of [metaIndex, index]) {
    for (const handle of handlesIn(block)) checkedBlock(file, handle);
  }
}

function checkedBlock(file: Buffer, { offset, size }: Handle): Buffer {
  const end = offset + size;
  if (end + trailerBytes > file.length) throw new RangeError('a block lies outside the file');
  const checksum = crc32c(file.subarray(offset, end + 1));
  // Masked, because the checksum of bytes that hold checksums is weak (LevelDB, util/crc32c.h).
  const masked = (((checksum >>> 15) | (checksum << 17)) + maskDelta) >>> 0;
  if (masked !== file.readUInt32LE(end + 1)) {
    throw new RangeError(`the block at ${offset} has a wrong checksum`);
  }
  if (file[end] !== uncompressed) throw new RangeError(`the block at ${offset} is compressed`);
  return file.subarray(offset, end);
}

/** The values of an index block. Keys share prefixes; only their lengths matter here. */
function* handlesIn(block: Buffer): Generator<Handle> {
  const restarts = block.readUInt32LE(block.length - 4);
  const end = block.length - 4 - restarts * 4;
  const reader = new VarintReader(block, 0);
  while (reader.at < end) {
    reader.varint();
    const unsharedBytes = reader.varint();
    const valueBytes = reader.varint();
    const value = reader.at + unsharedBytes;
    reader.at = value;
    yield reader.handle();
    reader.at = value + valueBytes;
  }
}

class VarintReader {
  constructor(
    private readonly buffer: Buffer,
    public at: number,
  ) {}

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.buffer.readUInt8(this.at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  handle(): Handle {
    return { offset: this.varint(), size: this.varint() };
  }
}
