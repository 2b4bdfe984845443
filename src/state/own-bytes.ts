/** Small buffers lie together in slabs of this size, which are worth keeping. */
const maxSharedBytes = 8192;

/** Bytes that are a view of a batch would keep all of it in memory as long as the row. */
export function ownBytes<T>(value: T): T {
  if (!(value instanceof Uint8Array) || value.buffer.byteLength <= maxSharedBytes) return value;
  return Buffer.from(value) as Uint8Array as T & Uint8Array; // the same bytes
}
