/** `00`, the schema's id as an int32, the payload: Confluent's wire format. */
export const headerBytes = 5;

/** The id of the schema that wrote the bytes; null: they are not in the wire format. */
export function schemaIdOf(bytes: Uint8Array): number | null {
  if (bytes.length < headerBytes || bytes[0] !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const id = view.getInt32(1);
  return id < 0 ? null : id;
}

export function writeHeader(bytes: Buffer, id: number): void {
  bytes[0] = 0;
  bytes.writeInt32BE(id, 1);
}
