/** Buffers kept for the next builder, at most. */
const maxPooled = 8;
const maxPooledBytes = 8 * 1024 * 1024;
const minBytes = 4096;

const pool: Buffer[] = [];

/** A buffer of at least `bytes` bytes, whatever they hold. */
export function scratchBuffer(bytes: number): Buffer {
  const last = pool.pop();
  if (last !== undefined && last.length >= bytes) return last;
  if (last !== undefined) pool.push(last);
  return Buffer.allocUnsafeSlow(Math.max(bytes, minBytes));
}

/** Gives a buffer back; its owner must not touch it any more. */
export function releaseScratch(buffer: Buffer): void {
  if (pool.length < maxPooled && buffer.length <= maxPooledBytes) pool.push(buffer);
}
