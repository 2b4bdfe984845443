const bitsPerKey = 8;
const probes = 4;

/**
 * A Bloom filter: of a key that was never added it mostly says so, of one that was it never does.
 * It is as large as it was made, and full at eight bits a key.
 */
export class KeyFilter {
  private readonly words: Int32Array;
  private readonly mask: number;
  private count = 0;

  /** Of at most that size; a power of two. */
  constructor(maxBytes: number) {
    const bytes = 2 ** Math.max(Math.floor(Math.log2(maxBytes)), 6);
    this.words = new Int32Array(bytes / 4);
    this.mask = bytes * 8 - 1;
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  get isFull(): boolean {
    return this.count * bitsPerKey > this.mask;
  }

  add(identity: string, endMs: number): void {
    this.count++;
    let hash = hashOf(identity, endMs);
    const step = avalanche(hash) | 1;
    for (let probe = 0; probe < probes; probe++, hash = (hash + step) | 0) {
      const bit = hash & this.mask;
      this.words[bit >>> 5] = (this.words[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }

  mayHave(identity: string, endMs: number): boolean {
    let hash = hashOf(identity, endMs);
    const step = avalanche(hash) | 1;
    for (let probe = 0; probe < probes; probe++, hash = (hash + step) | 0) {
      const bit = hash & this.mask;
      if (((this.words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  clear(): void {
    this.words.fill(0);
    this.count = 0;
  }
}

/** FNV-1a over the text, with the end mixed in. */
function hashOf(identity: string, endMs: number): number {
  let hash = 0x811c9dc5 ^ endMs;
  for (let at = 0; at < identity.length; at++) {
    hash = Math.imul(hash ^ identity.charCodeAt(at), 0x01000193);
  }
  return avalanche(hash);
}

function avalanche(word: number): number {
  let hash = word ^ (word >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
