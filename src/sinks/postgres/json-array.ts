const [opening, comma, closing] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')];

/** The rows as one JSON array, byte for byte as they are. */
export function jsonArray(rows: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const row of rows) parts.push(parts.length === 0 ? opening : comma, row);
  parts.push(closing);
  return Buffer.concat(parts);
}
