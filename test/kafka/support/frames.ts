/** Cuts a stream of bytes into frames: each is an `int32` length and as many bytes. */
export class Frames {
  private chunks: Buffer[] = [];
  private size = 0;

  /** The frames that are whole by now, each with its length before it. */
  add(chunk: Buffer): readonly Buffer[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const frames: Buffer[] = [];
    for (let needed = this.firstSize(); needed <= this.size; needed = this.firstSize()) {
      const bytes = this.joined();
      frames.push(bytes.subarray(0, needed));
      this.chunks = [bytes.subarray(needed)];
      this.size -= needed;
    }
    return frames;
  }

  private firstSize(): number {
    return this.size < 4 ? Infinity : 4 + this.prefix().readInt32BE(0);
  }

  private prefix(): Buffer {
    const [first] = this.chunks;
    return first !== undefined && first.length >= 4 ? first : this.joined();
  }

  private joined(): Buffer {
    const bytes = this.chunks.length === 1 ? this.chunks[0] : undefined;
    if (bytes !== undefined) return bytes;
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }
}
