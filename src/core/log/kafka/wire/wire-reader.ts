import { LogError } from '../../../model/errors.ts';

/** Reads the primitive types of Kafka's protocol, and never past the end of the answer. */
export class WireReader {
  private position = 0;

  constructor(
    private readonly buffer: Buffer,
    /** The request that is answered, for messages. */
    private readonly api: string,
  ) {}

  get bytesLeft(): number {
    return this.buffer.length - this.position;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4));
  }

  int64(): number {
    const start = this.take(8);
    const high = this.buffer.readInt32BE(start);
    const value = high * 2 ** 32 + this.buffer.readUInt32BE(start + 4);
    if (Number.isSafeInteger(value)) return value;
    throw new LogError(
      'fatal',
      'OFFSET_TOO_LARGE',
      `The answer to ${this.api} holds the number ${value}, above 2^53 - 1.`,
    );
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.take(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw this.malformed('a number is longer than 5 bytes');
  }

  text(length: 'int16' | 'compact'): string | null {
    const size = length === 'int16' ? this.int16() : this.unsignedVarint() - 1;
    return size < 0 ? null : this.raw(size).toString('utf8');
  }

  /** A view. */
  bytes(): Buffer | null {
    const size = this.int32();
    return size < 0 ? null : this.raw(size);
  }

  /** A view. */
  raw(size: number): Buffer {
    const start = this.take(size);
    return this.buffer.subarray(start, start + size);
  }

  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.take(this.unsignedVarint());
    }
  }

  malformed(problem: string): LogError {
    return new LogError(
      'fatal',
      'CORRUPT_ANSWER',
      `The answer to ${this.api} cannot be read at byte ${this.position}: ${problem}. ` +
        'Is the address that of a Kafka broker, without a proxy that changes the protocol?',
    );
  }

  private take(size: number): number {
    const start = this.position;
    if (size > this.bytesLeft) throw this.malformed(`${size} bytes are missing`);
    this.position = start + size;
    return start;
  }
}
