/**
 * The registers of a HyperLogLog of precision `p`: 2^p small numbers. As bytes, of one form for one
 * content: while few are set, sorted entries of 3 bytes (18 bits of index, 6 of rank); one byte per
 * register as soon as that is no longer. Never mutated.
 */
export type Registers = Uint8Array;

const entryBytes = 3;
const rankBits = 6;

export const noRegisters: Registers = new Uint8Array(0);

/**
 * The registers with an id in them, the same ones if nothing is new. Of the hash's 64 bits, high
 * half first, the leading ones are the index, and the zeros that follow make the rank.
 */
export function addHash(registers: Registers, precision: number, hash: Uint32Array): Registers {
  const [high = 0, low = 0] = hash;
  const index = high >>> (32 - precision);
  const rest = high << precision;
  const zeros = rest === 0 ? 32 - precision + Math.clz32(low) : Math.clz32(rest);
  const rank = zeros + 1;
  const count = 2 ** precision;
  if (registers.length === count) {
    if ((registers[index] ?? 0) >= rank) return registers;
    const next = Uint8Array.from(registers);
    next[index] = rank;
    return next;
  }
  return addSparse(registers, count, (index << rankBits) | rank);
}

/** The registers that have seen what either has: the greater of each. */
export function mergeRegisters(left: Registers, right: Registers, precision: number): Registers {
  const merged = new Uint8Array(2 ** precision);
  visitRegisters(left, precision, (index, rank) => (merged[index] = rank));
  visitRegisters(right, precision, (index, rank) => {
    if (rank > (merged[index] ?? 0)) merged[index] = rank;
  });
  const set = merged.reduce((count, rank) => (rank === 0 ? count : count + 1), 0);
  if (set * entryBytes >= merged.length) return merged;
  const sparse = new Uint8Array(set * entryBytes);
  let at = 0;
  merged.forEach((rank, index) => {
    if (rank === 0) return;
    writeEntry(sparse, at, (index << rankBits) | rank);
    at += entryBytes;
  });
  return sparse;
}

/**
 * How many ids were added, about: the improved raw estimator of Ertl, "New cardinality estimation
 * algorithms for HyperLogLog sketches", algorithm 6. The one of Flajolet et al. is too great by
 * 2 % and more where it takes over from linear counting; sketches that are added up agree on that.
 */
export function estimate(registers: Registers, precision: number): number {
  const count = 2 ** precision;
  const ranks = new Uint32Array(2 ** rankBits);
  ranks[0] = count;
  visitRegisters(registers, precision, (_index, rank) => {
    ranks[rank] = (ranks[rank] ?? 0) + 1;
    ranks[0] = (ranks[0] ?? 0) - 1;
  });
  const share = (rank: number) => (ranks[rank] ?? 0) / count;
  const maxRank = 64 - precision + 1;
  // By rank, so that the sum, and its rounding, does not hang on the order of the registers.
  let sum = tau(1 - share(maxRank));
  for (let rank = maxRank - 1; rank > 0; rank -= 1) sum = (sum + share(rank)) / 2;
  return Math.round((alpha(count) * count) / (sum + sigma(share(0))));
}

/** With what Flajolet et al. take off for a finite number of registers, which Ertl leaves. */
function alpha(count: number): number {
  return 1 / (2 * Math.LN2 * (1 + 1.079 / count));
}

/** For registers that saw no id: x + the sum over k > 0 of x^(2^k) * 2^(k - 1). */
function sigma(x: number): number {
  if (x === 1) return Infinity;
  let [sum, power, weight] = [x, x, 1];
  for (let before = NaN; sum !== before; weight *= 2) {
    power *= power;
    before = sum;
    sum += power * weight;
  }
  return sum;
}

/** For registers at their end: a third of 1 - x - the sum over k > 0 of (1 - x^(2^-k))^2 / 2^k. */
function tau(x: number): number {
  let [sum, root, weight] = [1 - x, x, 0.5];
  for (let before = NaN; sum !== before; weight /= 2) {
    root = Math.sqrt(root);
    before = sum;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}

function addSparse(registers: Registers, count: number, entry: number): Registers {
  const at = lowerBound(registers, entry >>> rankBits);
  const found = at < registers.length ? readEntry(registers, at) : -1;
  const isThere = found >>> rankBits === entry >>> rankBits;
  if (isThere && found >= entry) return registers;
  const tail = at + (isThere ? entryBytes : 0);
  const next = new Uint8Array(registers.length + entryBytes - (tail - at));
  if (next.length < count) {
    next.set(registers.subarray(0, at));
    writeEntry(next, at, entry);
    next.set(registers.subarray(tail), at + entryBytes);
    return next;
  }
  const dense = new Uint8Array(count);
  visitSparse(registers, (index, rank) => (dense[index] = rank));
  dense[entry >>> rankBits] = entry & (2 ** rankBits - 1);
  return dense;
}

function visitRegisters(
  registers: Registers,
  precision: number,
  visit: (index: number, rank: number) => void,
): void {
  if (registers.length < 2 ** precision) return visitSparse(registers, visit);
  registers.forEach((rank, index) => {
    if (rank > 0) visit(index, rank);
  });
}

function visitSparse(registers: Registers, visit: (index: number, rank: number) => void): void {
  for (let at = 0; at < registers.length; at += entryBytes) {
    const entry = readEntry(registers, at);
    visit(entry >>> rankBits, entry & (2 ** rankBits - 1));
  }
}

/** Where the first entry of this index or a later one begins. */
function lowerBound(registers: Registers, index: number): number {
  let first = 0;
  let end = registers.length / entryBytes;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (readEntry(registers, middle * entryBytes) >>> rankBits < index) first = middle + 1;
    else end = middle;
  }
  return first * entryBytes;
}

function readEntry(bytes: Registers, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

function writeEntry(bytes: Uint8Array, at: number, entry: number): void {
  bytes[at] = entry >>> 16;
  bytes[at + 1] = entry >>> 8;
  bytes[at + 2] = entry;
}
