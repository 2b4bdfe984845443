import { rangeSerde } from '../../core/serde/range-serde.ts';
import type { Serde } from '../../core/serde/serde.ts';

const numberBytes = 8;

/** Times in epoch milliseconds, 8 bytes each, big-endian. */
export function timeList(): Serde<readonly number[]> {
  return timeListSerde;
}

const timeListSerde = rangeSerde<readonly number[]>({
  format: 'time-list',
  version: 1,
  serialize(times) {
    const target = Buffer.allocUnsafe(times.length * numberBytes);
    for (const [index, timeMs] of times.entries()) {
      target.writeBigInt64BE(BigInt(timeMs), index * numberBytes);
    }
    return target;
  },
  deserializeRange(buffer, start, end) {
    const times: number[] = [];
    for (let at = start; at < end; at += numberBytes) times.push(Number(buffer.readBigInt64BE(at)));
    return times;
  },
});
