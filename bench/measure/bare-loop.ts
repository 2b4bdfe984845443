import type { RecordBatch } from '../../src/core/log/record-batch/record-batch.ts';

/** Where the keys and values of a batch lie, looked up before the clock starts. */
export interface Payloads {
  readonly buffer: Buffer;
  readonly count: number;
  /** Start and end of key and value of each record, in this order. */
  readonly bounds: Int32Array;
}

/**
 * Handles all records of a batch; what it answers only keeps the work from being optimised away.
 */
export type BareLoop = (payloads: Payloads) => number;

export function payloadsOf(batch: RecordBatch): Payloads {
  const bounds = new Int32Array(batch.count * 4);
  for (let index = 0; index < batch.count; index++) {
    bounds[index * 4] = batch.keyStart(index);
    bounds[index * 4 + 1] = batch.keyEnd(index);
    bounds[index * 4 + 2] = batch.valueStart(index);
    bounds[index * 4 + 3] = batch.valueEnd(index);
  }
  return { buffer: batch.buffer, count: batch.count, bounds };
}

/**
 * Nothing but `JSON.parse` of each value and `JSON.stringify` of what `written` makes of it;
 * null: the case writes nothing for the record, or no JSON.
 */
export function jsonLoop<T>(written: (value: T) => object | null): BareLoop {
  return ({ buffer, count, bounds }) => {
    let length = count;
    for (let at = 2; at < count * 4; at += 4) {
      const text = buffer.toString('utf8', bounds[at], bounds[at + 1]);
      const output = written(JSON.parse(text) as T); // the case names the type of its data set
      if (output !== null) length += JSON.stringify(output).length;
    }
    return length;
  };
}

/** For cases without JSON: the key as a string and the value as a view, which any reader needs. */
export function bytesLoop(): BareLoop {
  return ({ buffer, count, bounds }) => {
    let length = 0;
    for (let at = 0; at < count * 4; at += 4) {
      const key = buffer.toString('latin1', bounds[at], bounds[at + 1]);
      const value = buffer.subarray(bounds[at + 2], bounds[at + 3]);
      length += key.length + value.length;
    }
    return length;
  };
}
