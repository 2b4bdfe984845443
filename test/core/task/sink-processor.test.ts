import { expect, it } from 'vitest';
import { defaultPartition } from '../../../src/core/log/murmur2.ts';
import { noHeaders } from '../../../src/core/model/headers.ts';
import { tumbling } from '../../../src/core/model/windows.ts';
import type { Serde } from '../../../src/core/serde/serde.ts';
import { string } from '../../../src/core/serde/string.ts';
import { windowed } from '../../../src/core/serde/windowed.ts';
import { OutputCollector } from '../../../src/core/task/output-collector.ts';
import { sinkProcessor, type SinkOptions } from '../../../src/core/task/sink-processor.ts';

const text = string() as Serde<unknown>; // a sink holds serdes of unknown

/** The topics and partitions that records with these keys go to. */
function placesOf(keys: readonly unknown[], change: Partial<SinkOptions> = {}): string[] {
  const collector = new OutputCollector(() => 1_000_000);
  const sink = sinkProcessor({
    application: 'app',
    name: 'sink',
    topic: 'out',
    topicOf: () => 'out',
    key: text,
    value: text,
    partitioner: null,
    collector,
    partitionsOf: (topic) => (topic === 'small' ? 2 : 8),
    taskPartition: 11,
    onWritten: () => undefined,
    ...change,
  });
  return keys.map((key) => {
    sink.process({ key, value: 'v', timestamp: 0, headers: noHeaders });
    const [batch] = collector.drain();
    return `${batch?.topic}-${batch?.partition}`;
  });
}

const byHash = (key: string, count = 8) => defaultPartition(Buffer.from(key), count);

it('a record goes to the partition of its key, by the hash of its bytes', () => {
  const keys = ['a', 'b', 'ключ', '', 'a'];
  expect(placesOf(keys)).toEqual(keys.map((key) => `out-${byHash(key)}`));
});

it('a record without a key goes to the partition of its task, modulo the count', () => {
  expect(placesOf([null])).toEqual(['out-3']);
  expect(placesOf([null], { topic: 'small' })).toEqual(['small-1']);
});

it('a declared partitioner decides, also for null keys', () => {
  const partition = (key: unknown, _value: unknown, count: number) =>
    key === null ? 0 : count - 1;
  const partitioner = { name: 'own', partition };
  expect(placesOf(['a', null], { partitioner })).toEqual(['out-7', 'out-0']);
});

it('a windowed key goes where its inner key goes', () => {
  const key = windowed(string(), tumbling(10, { grace: 0 })) as Serde<unknown>; // as above
  const keys = [0, 10, 20].map((startMs) => ({ key: 'a', startMs, endMs: startMs + 10 }));
  expect(new Set(placesOf(keys, { key }))).toEqual(new Set([`out-${byHash('a')}`]));
});

it('where each record chooses its topic, each topic has its own count', () => {
  const change = { topic: null, topicOf: (_value: unknown, key: unknown) => String(key) };
  expect(placesOf(['small', 'large'], change)).toEqual([
    `small-${byHash('small', 2)}`,
    `large-${byHash('large')}`,
  ]);
});
