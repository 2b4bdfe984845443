import { murmur2 } from '../../src/core/log/murmur2.ts';
import { hex } from './random.ts';

const separator = Buffer.alloc(1);

/** A checksum of a set of records, whatever their order. Timestamps do not enter. */
export class Checksum {
  private fnvSum = 0;
  private murmurSum = 0;

  add(key: string | Uint8Array | null, value: string | Uint8Array): void {
    const bytes = Buffer.concat([bytesOf(key ?? ''), separator, bytesOf(value)]);
    this.fnvSum = (this.fnvSum + fnv1a(bytes)) | 0;
    this.murmurSum = (this.murmurSum + murmur2(bytes)) | 0;
  }

  toString(): string {
    return hex(this.fnvSum) + hex(this.murmurSum);
  }
}

/** FNV-1a over 32 bits. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  }
  return hash;
}

export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text) : text;
}
