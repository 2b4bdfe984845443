const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** Kafka's murmur2: a signed 32-bit integer, the same as that of its Java client. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const whole = length - (length % 4);
  let hash = seed ^ length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(word32(bytes, at), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  if (whole < length) {
    for (let at = length - 1; at >= whole; at--) hash ^= (bytes[at] ?? 0) << (8 * (at - whole));
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

/** The partition that Kafka's own clients choose for a key; text stands for its UTF-8. */
export function defaultPartition(key: Uint8Array | string, partitions: number): number {
  return (murmur2(typeof key === 'string' ? codesOf(key) : key) & 0x7fffffff) % partitions;
}

/** Keys are short: their bytes are put here rather than into a buffer each. */
const scratch = Buffer.alloc(64);
const scratchViews = Array.from({ length: scratch.length + 1 }, (_, end) =>
  scratch.subarray(0, end),
);

function codesOf(text: string): Uint8Array {
  const { length } = text;
  if (length > scratch.length) return Buffer.from(text, 'utf8');
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return Buffer.from(text, 'utf8');
    scratch[at] = code;
  }
  return scratchViews[length] as Uint8Array; // there is one for each length up to the scratch's
}

function word32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
