import { rangeSerde } from '../../core/serde/range-serde.ts';

const timeBytes = 8;

/** Times in epoch milliseconds, as doubles, big-endian. */
export const timesSerde = rangeSerde<readonly number[]>({
  format: 'times',
  version: 1,
  serialize(times) {
    const target = Buffer.allocUnsafe(times.length * timeBytes);
    let at = 0;
    for (const time of times) at = target.writeDoubleBE(time, at);
    return target;
  },
  deserializeRange(buffer, start, end) {
    const times: number[] = [];
    for (let at = start; at < end; at += timeBytes) times.push(buffer.readDoubleBE(at));
    return times;
  },
});
