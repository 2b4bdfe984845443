/**
 * The first 64 bits of MurmurHash3_x64_128 with seed 0, as two halves written into `hash`: the high
 * one, then the low one. Numbers of 64 bits are pairs of 32, since a bigint would allocate for each
 * step.
 */
export function murmur3(bytes: Uint8Array, hash: Uint32Array): void {
  const lanes = new Lanes();
  const bodyEnd = bytes.length - (bytes.length % 16);
  for (let at = 0; at < bodyEnd; at += 16) {
    lanes.mixFirst(word(bytes, at + 4), word(bytes, at));
    lanes.stirFirst();
    lanes.mixSecond(word(bytes, at + 12), word(bytes, at + 8));
    lanes.stirSecond();
  }
  // Beyond the end there are zeros, which change nothing.
  lanes.mixSecond(word(bytes, bodyEnd + 12), word(bytes, bodyEnd + 8));
  lanes.mixFirst(word(bytes, bodyEnd + 4), word(bytes, bodyEnd));
  lanes.finish(bytes.length);
  hash[0] = lanes.firstHigh;
  hash[1] = lanes.firstLow;
}

/** The two running hashes of 64 bits. */
class Lanes {
  firstHigh = 0;
  firstLow = 0;
  private secondHigh = 0;
  private secondLow = 0;

  mixFirst(high: number, low: number): void {
    const c1High = productHigh(high, low, 0x87c37b91, 0x114253d5);
    const c1Low = Math.imul(low, 0x114253d5);
    const turnedHigh = (c1High << 31) | (c1Low >>> 1);
    const turnedLow = (c1Low << 31) | (c1High >>> 1);
    this.firstHigh ^= productHigh(turnedHigh, turnedLow, 0x4cf5ad43, 0x2745937f);
    this.firstLow ^= Math.imul(turnedLow, 0x2745937f);
  }

  mixSecond(high: number, low: number): void {
    const c2High = productHigh(high, low, 0x4cf5ad43, 0x2745937f);
    const c2Low = Math.imul(low, 0x2745937f);
    const turnedHigh = (c2Low << 1) | (c2High >>> 31);
    const turnedLow = (c2High << 1) | (c2Low >>> 31);
    this.secondHigh ^= productHigh(turnedHigh, turnedLow, 0x87c37b91, 0x114253d5);
    this.secondLow ^= Math.imul(turnedLow, 0x114253d5);
  }

  stirFirst(): void {
    const high = (this.firstHigh << 27) | (this.firstLow >>> 5);
    const low = (this.firstLow << 27) | (this.firstHigh >>> 5);
    this.setFirst(high, low);
    this.addSecondToFirst();
    const sum = (Math.imul(this.firstLow, 5) >>> 0) + 0x52dce729;
    const product = productHigh(this.firstHigh, this.firstLow, 0, 5);
    this.setFirst(product + (sum > 0xffffffff ? 1 : 0), sum);
  }

  stirSecond(): void {
    // Turned by 31, which is half a word less one.
    const high = (this.secondHigh << 31) | (this.secondLow >>> 1);
    const low = (this.secondLow << 31) | (this.secondHigh >>> 1);
    this.setSecond(high, low);
    this.addFirstToSecond();
    const sum = (Math.imul(this.secondLow, 5) >>> 0) + 0x38495ab5;
    const product = productHigh(this.secondHigh, this.secondLow, 0, 5);
    this.setSecond(product + (sum > 0xffffffff ? 1 : 0), sum);
  }

  finish(length: number): void {
    this.firstLow ^= length;
    this.secondLow ^= length;
    this.addSecondToFirst();
    this.addFirstToSecond();
    this.setFirst(...finalMix(this.firstHigh, this.firstLow));
    this.setSecond(...finalMix(this.secondHigh, this.secondLow));
    this.addSecondToFirst();
  }

  private addSecondToFirst(): void {
    const low = (this.firstLow >>> 0) + (this.secondLow >>> 0);
    this.setFirst(this.firstHigh + this.secondHigh + (low > 0xffffffff ? 1 : 0), low);
  }

  private addFirstToSecond(): void {
    const low = (this.secondLow >>> 0) + (this.firstLow >>> 0);
    this.setSecond(this.secondHigh + this.firstHigh + (low > 0xffffffff ? 1 : 0), low);
  }

  private setFirst(high: number, low: number): void {
    this.firstHigh = high | 0;
    this.firstLow = low | 0;
  }

  private setSecond(high: number, low: number): void {
    this.secondHigh = high | 0;
    this.secondLow = low | 0;
  }
}

function finalMix(high: number, low: number): [high: number, low: number] {
  // A shift by 33 leaves the high half, shifted by one, as the low half.
  low ^= high >>> 1;
  high = productHigh(high, low, 0xff51afd7, 0xed558ccd);
  low = Math.imul(low, 0xed558ccd);
  low ^= high >>> 1;
  high = productHigh(high, low, 0xc4ceb9fe, 0x1a85ec53);
  low = Math.imul(low, 0x1a85ec53);
  return [high, low ^ (high >>> 1)];
}

/** Four bytes, little-endian; zeros beyond the end. */
function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

/** The high half of a product of two numbers of 64 bits, given as their halves. */
function productHigh(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  const carried = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
  return (carried + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0;
}
