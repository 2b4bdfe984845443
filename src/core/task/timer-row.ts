import { asBuffer } from '../serde/range-serde.ts';

/** A persistent timer. Unique by (node, name, key); ordered by (time, node, key, arrival). */
export interface Timer {
  readonly node: string;
  readonly name: string;
  readonly key: Uint8Array | null;
  readonly timeMs: number;
  readonly arrival: number;
  readonly data: Uint8Array | null;
  readonly isWallClock: boolean;
}

/** First byte of a row's key: timers by their name, and by their time on each clock. */
const byName = 0;
const byStreamTime = 1;
const byWallClock = 2;

/** The range of all rows by name. */
export const timerNames = { gte: Buffer.of(byName), lt: Buffer.of(byStreamTime) };

const none = Buffer.alloc(0);

/** (node, name, key), each with its length in front: the identity of a timer. */
export function nameRowKey({ node, name, key }: Pick<Timer, 'node' | 'name' | 'key'>): Buffer {
  return Buffer.concat([Buffer.of(byName), ...identityParts(node, name, key)]);
}

/** Time first, so that a range of the store is a stretch of time. */
export function timeRowKey({ node, name, key, timeMs, isWallClock }: Timer): Buffer {
  return Buffer.concat([timePrefix(timeMs, isWallClock), ...identityParts(node, name, key)]);
}

export function timePrefix(timeMs: number, isWallClock: boolean): Buffer {
  const prefix = Buffer.alloc(9);
  prefix[0] = isWallClock ? byWallClock : byStreamTime;
  // Clipped: a bound may be infinite, and no timer lies beyond the largest safe integer.
  prefix.writeBigInt64BE(BigInt(Math.min(Math.max(timeMs, 0), Number.MAX_SAFE_INTEGER)), 1);
  return prefix;
}

/** Row of a timer by name: where its time row is, and what it carries. */
export function encodeTimer({ timeMs, arrival, isWallClock, data }: Timer): Buffer {
  const head = Buffer.alloc(18);
  head.writeDoubleBE(timeMs, 0);
  head.writeDoubleBE(arrival, 8);
  head[16] = isWallClock ? 1 : 0;
  head[17] = data === null ? 0 : 1;
  return Buffer.concat([head, data ?? none]);
}

export function decodeTimer(rowKey: Uint8Array, row: Uint8Array): Timer {
  const key = asBuffer(rowKey);
  const value = asBuffer(row);
  const isTimeRow = key[0] !== byName;
  const [node, name, own] = readIdentity(key, isTimeRow ? 9 : 1);
  return {
    node,
    name,
    key: own,
    timeMs: value.readDoubleBE(0),
    arrival: value.readDoubleBE(8),
    isWallClock: value[16] === 1,
    data: value[17] === 1 ? Buffer.from(value.subarray(18)) : null,
  };
}

function identityParts(node: string, name: string, key: Uint8Array | null): Buffer[] {
  const nodeBytes = Buffer.from(node, 'utf8');
  const nameBytes = Buffer.from(name, 'utf8');
  const lengths = Buffer.alloc(5);
  lengths.writeUInt16BE(nodeBytes.length, 0);
  lengths.writeUInt16BE(nameBytes.length, 2);
  lengths[4] = key === null ? 0 : 1;
  return [lengths, nodeBytes, nameBytes, key === null ? none : asBuffer(key)];
}

function readIdentity(bytes: Buffer, start: number): [string, string, Buffer | null] {
  const nameStart = start + 5 + bytes.readUInt16BE(start);
  const keyStart = nameStart + bytes.readUInt16BE(start + 2);
  const key = bytes[start + 4] === 1 ? Buffer.from(bytes.subarray(keyStart)) : null;
  const node = bytes.toString('utf8', start + 5, nameStart);
  return [node, bytes.toString('utf8', nameStart, keyStart), key];
}
