const initialBytes = 1024;
const two32 = 2 ** 32;
/** Stands in the place of a length where there is nothing, not even an empty value. */
export const noLength = 0xffff_ffff;

/** A buffer that is written again and again; what it hands out is valid until the next `reset`. */
export class ByteWriter {
  buffer: Buffer = Buffer.allocUnsafeSlow(initialBytes);
  length = 0;

  reset(): void {
    this.length = 0;
  }

  /** Makes room for `bytes` more; the buffer may be another one afterwards. */
  reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What a serde gave: bytes as they are, text as UTF-8. */
  serialized(value: Uint8Array | string): void {
    if (typeof value !== 'string') return this.bytes(value);
    // A UTF-16 code unit takes at most three bytes of UTF-8.
    this.reserve(value.length * 3);
    this.length += this.buffer.write(value, this.length, 'utf8');
  }

  /** The same behind its length in 4 bytes. */
  sized(value: Uint8Array | string): void {
    this.uint32(0);
    const start = this.length;
    this.serialized(value);
    this.buffer.writeUInt32BE(this.length - start, start - 4);
  }

  sizedOrNull(value: Uint8Array | string | null): void {
    if (value === null) this.uint32(noLength);
    else this.sized(value);
  }

  uint32(value: number): void {
    this.reserve(4);
    this.buffer.writeUInt32BE(value, this.length);
    this.length += 4;
  }

  /** A safe integer as 8 bytes, big-endian, two's complement. */
  int64(value: number): void {
    this.reserve(8);
    const high = Math.floor(value / two32);
    this.buffer.writeInt32BE(high, this.length);
    this.buffer.writeUInt32BE(value - high * two32, this.length + 4);
    this.length += 8;
  }

  /** Unsigned LEB128. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  view(start: number, end: number): Buffer {
    return this.buffer.subarray(start, end);
  }

  copy(start: number, end: number): Buffer {
    return Buffer.from(this.buffer.subarray(start, end));
  }
}

export function readInt64(buffer: Buffer, offset: number): number {
  return buffer.readInt32BE(offset) * two32 + buffer.readUInt32BE(offset + 4);
}
