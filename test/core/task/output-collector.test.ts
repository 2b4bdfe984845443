import { expect, it } from 'vitest';
import { headersOf, noHeaders } from '../../../src/core/model/headers.ts';
import { OutputCollector } from '../../../src/core/task/output-collector.ts';
import { decodeBatch } from '../../../src/core/log/record-batch/decode-batch.ts';
import { recordsOf } from '../../support/log-fixture.ts';
import { thrownBy } from '../../support/thrown.ts';

const stamp = {
  baseOffset: 0,
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
  isTransactional: false,
};

function collectorOf(maxMessageBytes = 10_000) {
  const collector = new OutputCollector(() => maxMessageBytes);
  const write = (topic: string, key: string, value: string, partition = 0) => {
    const output = collector.outputOf(topic, partition);
    collector.append(output, { timestamp: 1, headers: noHeaders }, key, value);
  };
  const drained = () =>
    collector.drain().map(({ topic, partition, batch }) => {
      const bytes = batch.finish(stamp);
      return { place: `${topic}-${partition}`, bytes, records: recordsOf(decodeBatch(bytes)) };
    });
  return { collector, write, drained };
}

it('what is drained is in order of partition and write; then the collector is empty', () => {
  const { collector, write, drained } = collectorOf();
  write('a', 'k', '1');
  write('b', 'k', '2', 1);
  write('a', 'k', '3');
  expect(collector.byteLength).toBeGreaterThan(0);
  expect(drained().map(({ place, records }) => [place, ...records])).toEqual([
    ['a-0', '0:k=1', '1:k=3'],
    ['b-1', '0:k=2'],
  ]);
  expect([drained(), collector.byteLength]).toEqual([[], 0]);
});

it('an undone unit leaves nothing, neither records nor bytes, in any partition', () => {
  const { collector, write, drained } = collectorOf(1000);
  collector.beginUnit();
  write('a', 'k', '1');
  const before = collector.byteLength;
  collector.beginUnit();
  write('a', 'k', '2');
  write('b', 'k', '3');
  // Fills the open batch and begins others.
  for (let n = 0; n < 9; n += 1) write('a', 'k', 'x'.repeat(200));
  collector.undo();
  expect(collector.byteLength).toBe(before);
  collector.beginUnit();
  write('a', 'k', '4');
  expect(drained().map(({ place, records }) => [place, ...records])).toEqual([
    ['a-0', '0:k=1', '1:k=4'],
  ]);
});

it('what is written after an undo stays', () => {
  const { collector, write, drained } = collectorOf();
  collector.beginUnit();
  write('a', 'k', '1');
  collector.undo();
  write('dead', 'k', 'letter');
  expect(drained().map(({ records }) => records)).toEqual([['0:k=letter']]);
});

it('batches are split below the limit of the log', () => {
  const { write, drained } = collectorOf(1000);
  for (let n = 0; n < 40; n += 1) write('a', 'k', 'ä'.repeat(100));
  const batches = drained();
  expect(batches.flatMap(({ records }) => records)).toHaveLength(40);
  for (const { bytes } of batches) expect(bytes.length).toBeLessThanOrEqual(1000);
});

it('a record above the limit is refused, and the one before it stays', () => {
  const { write, drained } = collectorOf(1000);
  write('a', 'k', '1');
  const error = thrownBy(() => write('a', 'k', 'x'.repeat(20_000)));
  expect([error.code, error.where]).toEqual(['RECORD_TOO_LARGE', { topic: 'a', partition: 0 }]);
  expect(drained().map(({ records }) => records)).toEqual([['0:k=1']]);
});

it('many headers count as what they take', () => {
  const maxBytes = 2000;
  const { collector, drained } = collectorOf(maxBytes);
  const names = Array.from({ length: 90 }, (_, n) => ['', Buffer.of(n)] as const);
  const output = collector.outputOf('a', 0);
  for (let size = 0; size < maxBytes; size += 1) {
    try {
      collector.append(
        output,
        { timestamp: 1, headers: headersOf(names) },
        null,
        Buffer.alloc(size),
      );
    } catch {
      break;
    }
  }
  for (const { bytes } of drained()) expect(bytes.length).toBeLessThanOrEqual(maxBytes);
});
