import { describe, expect, it } from 'vitest';
import { defineSink, type ErrorPolicy, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';

const sink = defineSink<string>({
  kind: 'none',
  name: 'rows',
  row: string(),
  connect: () => {
    throw new Error('A test driver delivers nothing.');
  },
});

function delivering(onError: ErrorPolicy): TopologyTestDriver {
  const builder = new TopologyBuilder('app', { deadLetter: 'dead' });
  builder
    .stream('words', { key: string(), value: string() })
    .mapValues((word) => (word === 'not text' ? (5 as unknown as string) : word.repeat(300_000))) // as JavaScript may
    .toSink(sink, { onError });
  return new TopologyTestDriver(builder.build());
}

describe.each(['not text', 'long'])('a row that cannot be written: %s', (bad) => {
  const records = ['a', bad, 'b'].map((value) => ({ key: 'k', value, timestamp: 0 }));

  it.each<[ErrorPolicy, dead: number]>([
    ['drop', 0],
    ['dead-letter', 1],
  ])('is passed over by %s', (onError, dead) => {
    const driver = delivering(onError);
    driver.send('words', records);
    expect(driver.rows(sink)).toHaveLength(2);
    expect(driver.read('dead')).toHaveLength(dead);
    expect(driver.dropped()).toBe(1);
  });

  it('stops the worker by fail', () => {
    expect(() => delivering('fail').send('words', records)).toThrow();
  });
});
