import type { Serde } from '../../core/serde/serde.ts';

const timeBytes = 8;

/** A list of times in 8 bytes each, as doubles. */
export const timesSerde: Serde<readonly number[]> = Object.freeze<Serde<readonly number[]>>({
  format: 'times',
  version: 1,
  serialize(times) {
    const target = Buffer.allocUnsafe(times.length * timeBytes);
    let at = 0;
    for (const time of times) at = target.writeDoubleBE(time, at);
    return target;
  },
  deserialize(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const times: number[] = [];
    for (let at = 0; at < bytes.byteLength; at += timeBytes) times.push(view.getFloat64(at));
    return times;
  },
});
