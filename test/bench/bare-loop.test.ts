import { describe, expect, it } from 'vitest';
import { checkOutput } from '../../bench/measure/check-output.ts';
import { bytesLoop, jsonLoop, payloadsOf } from '../../bench/measure/bare-loop.ts';
import { jsonLine } from '../../bench/measure/measurement.ts';
import { decodeBatch } from '../../src/core/log/record-batch/decode-batch.ts';
import { createRecordBatchBuilder } from '../../src/core/log/record-batch/encode-batch.ts';
import { noHeaders } from '../../src/core/model/headers.ts';

function batchOf(records: readonly (readonly [key: string, value: string])[]) {
  const builder = createRecordBatchBuilder();
  for (const [key, value] of records) builder.append(1, key, value, noHeaders);
  const stamp = { baseOffset: 0, producerId: -1, producerEpoch: -1, baseSequence: -1 };
  return decodeBatch(builder.finish({ ...stamp, isTransactional: false }));
}

const batch = batchOf([
  ['a', '{"n":1}'],
  ['bb', '{"n":2}'],
]);

describe('bare loop', () => {
  it('parses each value, and writes what the case writes', () => {
    const seen: number[] = [];
    const loop = jsonLoop<{ n: number }>(({ n }) => {
      seen.push(n);
      return n === 2 ? { twice: 4 } : null;
    });
    expect(loop(payloadsOf(batch))).toBe(batch.count + '{"twice":4}'.length);
    expect(seen).toEqual([1, 2]);
  });

  it('reads each key and value where there is no JSON', () => {
    expect(bytesLoop()(payloadsOf(batch))).toBe(3 + 14);
  });
});

describe('check of the output', () => {
  it('takes the expected records in any order', () => {
    checkOutput(
      [batch],
      [
        ['bb', '{"n":2}'],
        ['a', '{"n":1}'],
      ],
      false,
    );
  });

  it('takes the last of each key where that is what counts', () => {
    const twice = batchOf([
      ['a', '1'],
      ['a', '2'],
    ]);
    checkOutput([twice], [['a', '2']], true);
    expect(() => checkOutput([twice], [['a', '2']], false)).toThrow('2 records');
  });

  it('refuses a missing, a changed and a repeated record', () => {
    for (const wrong of [
      [['a', '{"n":1}']],
      [
        ['a', '{"n":1}'],
        ['bb', '{"n":3}'],
      ],
    ] as const) {
      expect(() => checkOutput([batch], wrong, false)).toThrow('The output is wrong');
    }
    const expected = [
      ['a', '{"n":1}'],
      ['bb', '{"n":2}'],
    ] as const;
    expect(() => checkOutput([batch, batch], expected, false)).toThrow('got 4 records');
  });
});

it('a JSON line has exactly the fields that are promised', () => {
  const cost = { recordsPerSecond: 1234.5, cpuMicrosPerRecord: 2.50004 };
  const line = jsonLine('count', { ...cost, records: 10, bareMicrosPerRecord: 1, recordsOut: 3 });
  expect(line).toBe(
    '{"case":"count","records":10,"recordsPerSecond":1235,"cpuMicrosPerRecord":2.5,"ratioToBareLoop":0.4}',
  );
});
