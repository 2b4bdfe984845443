const lengthBytes = 4;
const absent = -1;

/** Several payloads as one: each with its length in 4 bytes before it, -1 for null. */
export function joinParts(parts: readonly (Uint8Array | string | null)[]): Buffer {
  let length = 0;
  for (const part of parts) length += lengthBytes + lengthOf(part);
  const joined = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    joined.writeInt32BE(part === null ? absent : lengthOf(part), at);
    at += lengthBytes;
    if (part === null) continue;
    if (typeof part === 'string') at += joined.write(part, at, 'utf8');
    else {
      joined.set(part, at);
      at += part.length;
    }
  }
  return joined;
}

/** The inverse; views of the range. `count` is how many there must be. */
export function splitParts(
  buffer: Buffer,
  start: number,
  end: number,
  count: number,
): (Buffer | null)[] {
  const parts: (Buffer | null)[] = [];
  let at = start;
  while (parts.length < count) {
    const length = buffer.readInt32BE(at);
    at += lengthBytes;
    parts.push(length === absent ? null : buffer.subarray(at, at + length));
    if (length !== absent) at += length;
  }
  if (at === end) return parts;
  throw new RangeError(`there are ${end - at} bytes too many`);
}

function lengthOf(part: Uint8Array | string | null): number {
  if (part === null) return 0;
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

export function int32Part(value: number): Buffer {
  const part = Buffer.allocUnsafe(4);
  part.writeInt32BE(value);
  return part;
}

export function int64Part(value: number): Buffer {
  const part = Buffer.allocUnsafe(8);
  part.writeBigInt64BE(BigInt(value));
  return part;
}

export function readInt64Part(part: Buffer): number {
  return Number(part.readBigInt64BE(0));
}

/** A part that is never null. */
export function present(part: Buffer | null | undefined): Buffer {
  if (part !== null && part !== undefined) return part;
  throw new RangeError('a part is missing');
}
