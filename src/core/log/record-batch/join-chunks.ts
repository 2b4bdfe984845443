/** Puts together what `produce` hands over, and stops it above the bound. */
export function joinChunks(
  maxBytes: number,
  produce: (push: (chunk: Uint8Array) => void) => void,
): Buffer {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  produce((chunk) => {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new RangeError(`it grows beyond ${maxBytes} bytes`);
    chunks.push(chunk);
  });
  return Buffer.concat(chunks, bytes);
}
