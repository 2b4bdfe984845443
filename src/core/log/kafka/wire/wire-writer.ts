const firstBytes = 512;
const maxVarintBytes = 5;

/** Writes the primitive types of Kafka's protocol into a buffer that grows. */
export class WireWriter {
  private buffer = Buffer.allocUnsafe(firstBytes);
  private position = 0;

  int8(value: number): void {
    const at = this.take(1);
    this.buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.take(2);
    this.buffer.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.take(4);
    this.buffer.writeInt32BE(value, at);
  }

  int64(value: number): void {
    const at = this.take(8);
    this.buffer.writeBigInt64BE(BigInt(value), at);
  }

  unsignedVarint(value: number): void {
    let at = this.take(maxVarintBytes);
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.buffer[at++] = (rest & 0x7f) | 0x80;
    this.buffer[at++] = rest;
    this.position = at;
  }

  text(value: string | null, length: 'int16' | 'compact'): void {
    const size = value === null ? -1 : Buffer.byteLength(value);
    if (length === 'int16') this.int16(size);
    else this.unsignedVarint(size + 1);
    if (value === null) return;
    const at = this.take(size);
    this.buffer.write(value, at);
  }

  /** With a 32-bit length before them. */
  bytes(value: Uint8Array | null): void {
    this.int32(value === null ? -1 : value.length);
    if (value !== null) this.raw(value);
  }

  raw(value: Uint8Array): void {
    const at = this.take(value.length);
    this.buffer.set(value, at);
  }

  /** What was written; the writer must not be used afterwards. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.position);
  }

  /** Where the next bytes go. The buffer may be another one afterwards. */
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
