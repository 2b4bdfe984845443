import { asBuffer } from '../core/serde/range-serde.ts';
import { noLength, readInt64 } from './byte-writer.ts';

/** Reads what a `ByteWriter` wrote, one part after another. */
export class ByteReader {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = asBuffer(bytes);
  }

  byte(): number {
    return this.buffer.readUInt8(this.at++);
  }

  uint32(): number {
    this.at += 4;
    return this.buffer.readUInt32BE(this.at - 4);
  }

  int64(): number {
    this.at += 8;
    return readInt64(this.buffer, this.at - 8);
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  /** A view of the next bytes. */
  bytes(length: number): Buffer {
    this.at += length;
    if (this.at > this.buffer.length) throw new RangeError('the bytes end within a part');
    return this.buffer.subarray(this.at - length, this.at);
  }

  /** A view of the bytes behind their length in 4 bytes. */
  sized(): Buffer {
    return this.bytes(this.uint32());
  }

  sizedOrNull(): Buffer | null {
    const length = this.uint32();
    return length === noLength ? null : this.bytes(length);
  }
}
