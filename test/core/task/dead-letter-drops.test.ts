import { expect, it } from 'vitest';
import {
  type DeadLetterDrops,
  type ErrorPolicy,
  headersOf,
  json,
  type Processor,
  type ProcessorContext,
  string,
  TopologyBuilder,
  tumbling,
} from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';

const serdes = { key: string(), value: json<string>() };

/** Drops at the source, in an aggregation, and by the policy of the callback before it. */
function droppingTopology(deadLetterDrops?: DeadLetterDrops, onError: ErrorPolicy = 'drop') {
  const options = { deadLetter: 'dead', ...(deadLetterDrops && { deadLetterDrops }) };
  const builder = new TopologyBuilder('app', options);
  const create = (context: ProcessorContext<string, string>): Processor<string, string> => ({
    process(record) {
      if (record.value.startsWith('early')) context.drop(record, 'author:early');
      if (record.value.endsWith('bad')) throw new Error('boom');
      context.forward(record);
    },
  });
  builder
    .stream('in', { ...serdes, name: 'source', maxFuture: 1000 })
    .process({ name: 'picky', onError, create }, serdes)
    .repartition({ name: 'again' })
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }))
    .count({ name: 'counts', late: (stream) => stream.to('too-late') })
    .toStream()
    .to('out');
  return builder.build();
}

const sent = [
  { key: 'a', value: 'good', timestamp: 20 },
  { key: 'a', value: 'late', timestamp: 3 },
  { key: 'a', value: 'future', timestamp: 5000 },
  { key: 'a', value: null, timestamp: 21 },
  { key: 'a', value: 'bad', timestamp: 22 },
  { key: 'a', value: 'invalid', timestamp: -1 },
];

function lettersOf(driver: TopologyTestDriver) {
  return driver.read<Uint8Array | null, Uint8Array | null>('dead').map((letter) => {
    const header = (name: string) => String(letter.headers.get(`millrace.error.${name}`));
    const value = letter.value === null ? null : Buffer.from(letter.value).toString();
    return [header('stage'), header('code'), header('node'), header('offset'), value];
  });
}

it('each drop that is asked for gives a dead letter with the bytes of its record', () => {
  const driver = new TopologyTestDriver(droppingTopology('all'));
  driver.send('in', sent);
  const letters = lettersOf(driver);
  expect(letters.toSorted()).toEqual(
    [
      ['drop', 'late', 'counts', '1', '"late"'],
      ['drop', 'future', 'source', '2', '"future"'],
      ['drop', 'null-value', 'source', '3', null],
      ['drop', 'processing', 'picky', '4', '"bad"'],
      ['drop', 'invalid-timestamp', 'source', '5', '"invalid"'],
    ].toSorted(),
  );
  expect(driver.dropped()).toBe(letters.length);
  // The late stream has its record all the same.
  expect(driver.read('too-late')).toHaveLength(1);
});

it('drops that are not asked for give none', () => {
  const none = new TopologyTestDriver(droppingTopology());
  none.send('in', sent);
  expect([none.dropped(), lettersOf(none)]).toEqual([5, []]);
  const some = new TopologyTestDriver(droppingTopology(['late', 'null-value']));
  some.send('in', sent);
  expect(lettersOf(some).map(([, code]) => code)).toEqual(['null-value', 'late']);
});

it('what a policy sends to the dead letters is there once, as the error it was', () => {
  const driver = new TopologyTestDriver(droppingTopology('all', 'dead-letter'));
  driver.send('in', { key: 'a', value: 'bad', timestamp: 1 });
  expect(lettersOf(driver)).toEqual([['processing', 'PROCESSING', 'picky', '0', '"bad"']]);
});

it('a drop goes with its record where an error undoes that', () => {
  const driver = new TopologyTestDriver(droppingTopology(['author:early'], 'dead-letter'));
  driver.send('in', { key: 'a', value: 'early', timestamp: 1 });
  driver.send('in', { key: 'a', value: 'early and bad', timestamp: 2 });
  const [drop, error, ...others] = lettersOf(driver);
  expect([drop?.slice(0, 2), error?.slice(0, 2)]).toEqual([
    ['drop', 'author:early'],
    ['processing', 'PROCESSING'],
  ]);
  expect(others).toEqual([]);
});

it('a dead letter of a drop is committed once, with the offset of its record', () => {
  const driver = new TopologyTestDriver(droppingTopology('all'), { commit: 'manual' });
  const readAll = () => {
    for (let passed = 0; passed < 3; passed += 1) driver.commit();
    return lettersOf(driver).map(([, code]) => code);
  };
  driver.send('in', sent);
  driver.crash();
  expect(readAll().toSorted()).toEqual(
    ['future', 'invalid-timestamp', 'late', 'null-value', 'processing'].toSorted(),
  );
  driver.crash();
  expect(readAll()).toEqual([]);
});

it('a drop in a timer gives the key of the timer and no value', () => {
  const builder = new TopologyBuilder('app', { deadLetter: 'dead', deadLetterDrops: 'all' });
  builder.stream('in', serdes).process({
    name: 'later',
    create: (context: ProcessorContext<string, string>): Processor<string | null, string> => {
      let last: Parameters<typeof context.drop>[0] | null = null;
      return {
        process(record) {
          last = record;
          context.schedule({ at: 10, name: 'refuse', key: Buffer.from('k') });
        },
        onTimer: () => void (last && context.drop(last, 'author:refused')),
      };
    },
  });
  const driver = new TopologyTestDriver(builder.build());
  driver.send(
    'in',
    [1, 20].map((timestamp) => ({ key: 'a', value: 'x', timestamp })),
  );
  const [letter] = driver.read<Uint8Array, null>('dead');
  expect(Buffer.from(letter?.key ?? []).toString()).toBe('k');
  expect([letter?.value, letter?.timestamp]).toEqual([null, 10]);
  expect(letter?.headers.get('millrace.error.offset')).toBeUndefined();
});

it('drops trip no breaker, however many', () => {
  const driver = new TopologyTestDriver(droppingTopology('all'));
  driver.send('in', { key: 'a', value: 'good', timestamp: 50 });
  const late = Array.from({ length: 1100 }, () => ({ key: 'a', value: 'late', timestamp: 1 }));
  driver.send('in', late);
  expect(lettersOf(driver)).toHaveLength(1100);
});

it('what an earlier error said of a record is not told of the next', () => {
  const driver = new TopologyTestDriver(droppingTopology(undefined, 'dead-letter'));
  const earlier = Object.entries({ truncated: 'true', stack: 'of old', offset: '77' });
  const headers = headersOf([
    ['own', Buffer.from('1')],
    ...earlier.map(([name, value]) => [`millrace.error.${name}`, Buffer.from(value)] as const),
  ]);
  driver.send('in', { key: 'a', value: 'bad', headers });
  const [letter] = driver.read('dead');
  const told = letter?.headers.entries().map(([name, value]) => [name, String(value)]);
  expect(told).toContainEqual(['own', '1']);
  expect(told).toContainEqual(['millrace.error.offset', '0']);
  const names = told?.map(([name]) => name) ?? [];
  expect(names).not.toContain('millrace.error.truncated');
  expect(names).not.toContain('millrace.error.stack');
  expect(names.filter((name) => name === 'millrace.error.offset')).toHaveLength(1);
});
