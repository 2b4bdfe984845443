const firstBytes = 512;

/** Writes the primitive types of Kafka's protocol into a buffer that grows. */
export class WireWriter {
  private buffer = Buffer.allocUnsafe(firstBytes);
  private position = 0;

  int8(value: number): void {
    this.buffer.writeInt8(value, this.take(1));
  }

  int16(value: number): void {
    this.buffer.writeInt16BE(value, this.take(2));
  }

  int32(value: number): void {
    this.buffer.writeInt32BE(value, this.take(4));
  }

  int64(value: number): void {
    this.buffer.writeBigInt64BE(BigInt(value), this.take(8));
  }

  unsignedVarint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.buffer[this.take(1)] = (rest & 0x7f) | 0x80;
    this.buffer[this.take(1)] = rest;
  }

  text(value: string | null, length: 'int16' | 'compact'): void {
    const size = value === null ? -1 : Buffer.byteLength(value);
    if (length === 'int16') this.int16(size);
    else this.unsignedVarint(size + 1);
    if (value !== null) this.buffer.write(value, this.take(size));
  }

  /** With a 32-bit length before them. */
  bytes(value: Uint8Array | null): void {
    this.int32(value === null ? -1 : value.length);
    if (value !== null) this.raw(value);
  }

  raw(value: Uint8Array): void {
    this.buffer.set(value, this.take(value.length));
  }

  /** What was written; the writer must not be used afterwards. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.position);
  }

  private take(size: number): number {
    const start = this.position;
    const end = start + size;
    if (end > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(end, this.buffer.length * 2));
      this.buffer.copy(grown, 0, 0, start);
      this.buffer = grown;
    }
    this.position = end;
    return start;
  }
}
