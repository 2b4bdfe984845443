import { expect, it } from 'vitest';
import {
  type ErrorPolicy,
  int64,
  keyValueStore,
  type MillraceError,
  noHeaders,
  onClose,
  type Processor,
  type ProcessorContext,
  string,
  TopologyBuilder,
  tumbling,
} from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { thrownBy } from '../../support/thrown.ts';

type Context = ProcessorContext<string | null, string>;
type Own = Processor<string | null, string>;

const serdes = { key: string(), value: string() };
const poison = Buffer.of(0xff);

/** A node that counts, sets timers, forwards or scans, and one behind it that may throw. */
function fragile(where: 'record' | 'timer' | 'scan', onError?: ErrorPolicy) {
  const counts = keyValueStore({ name: 'counts', key: string(), value: int64() });
  const builder = new TopologyBuilder('app', { deadLetter: 'dead' });
  const counter = (context: Context): Own => {
    const store = context.store(counts);
    return {
      process(record) {
        const key = record.key ?? '';
        store.put(key, { value: (store.get(key)?.value ?? 0) + 1, timestamp: record.timestamp });
        context.schedule({ at: record.timestamp + 10, name: 'later', key: Buffer.from(key) });
        if (where === 'record') context.forward(record);
        if (where === 'scan') context.scan(store, {}, () => context.forward(record));
      },
      onTimer(timer) {
        const key = String(timer.key);
        store.put(key, { value: 100, timestamp: timer.timeMs });
        context.forward({ key, value: key, timestamp: timer.timeMs, headers: noHeaders });
      },
    };
  };
  const failing = (context: Context): Own => ({
    process(record) {
      context.forward({ ...record, value: 'before' });
      if (record.value.startsWith('bad')) throw new Error('boom');
    },
  });
  const policy = onError === undefined ? {} : { onError };
  builder
    .stream('in', serdes)
    .process({ name: 'counter', stores: [counts], create: counter }, serdes)
    .process({ name: 'failing', ...policy, create: failing }, serdes)
    .to('out');
  return new TopologyTestDriver(builder.build());
}

const values = (driver: TopologyTestDriver) =>
  driver.read('out').map(({ key, value }) => [key, value]);

it('E1: poison between good records goes to the dead letters with its bytes and place', () => {
  const builder = new TopologyBuilder('app', { deadLetter: 'dead' });
  builder.stream('in', serdes).to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', { key: 'a', value: '1', timestamp: 1 });
  driver.sendBytes('in', { key: Buffer.from('k'), value: poison, timestamp: 2 });
  driver.send('in', { key: 'a', value: '2', timestamp: 3 });
  expect(driver.read('out')).toHaveLength(2);
  const [letter] = driver.read<Uint8Array, Uint8Array>('dead');
  expect([letter?.key, letter?.value, letter?.timestamp].map(String)).toEqual(['107', '255', '2']);
  const text = Object.fromEntries(
    letter?.headers.entries().map(([name, value]) => [name, Buffer.from(value).toString()]) ?? [],
  );
  expect(text).toMatchObject({
    'millrace.error.code': 'DESERIALIZATION',
    'millrace.error.stage': 'deserialization',
    'millrace.error.application': 'app',
    'millrace.error.topic': 'in',
    'millrace.error.partition': '0',
    'millrace.error.offset': '1',
    'millrace.error.timestamp': '2',
  });
  expect(text['millrace.error.stack']).toBeUndefined();
  expect(driver.dropped('deserialization')).toBe(1);
  // E2: it is not read again.
  driver.crash();
  expect([driver.read('out'), driver.read('dead')]).toEqual([[], []]);
});

it.each<ErrorPolicy>(['drop', 'dead-letter'])(
  "E3: under '%s' none of the effects of a record in error remain",
  (policy) => {
    for (const where of ['record', 'scan'] as const) {
      const driver = fragile(where, policy);
      driver.send('in', { key: 'a', value: 'good', timestamp: 1 });
      driver.send('in', { key: 'a', value: 'bad', timestamp: 2 });
      driver.send('in', { key: 'b', value: 'bad', timestamp: 3 });
      expect(driver.store('counts').entries()).toEqual([['a', 1]]);
      expect(values(driver)).toEqual([['a', 'before']]);
      expect(driver.dropped('processing')).toBe(2);
      expect(driver.drops()[0]).toMatchObject({ node: 'failing', topic: 'in', offset: 1 });
      expect(driver.read('dead')).toHaveLength(policy === 'drop' ? 0 : 2);
      driver.crash();
      // Only the timer of the good record is left.
      driver.send('in', { key: 'c', value: 'good', timestamp: 100 });
      expect(values(driver).map(([key]) => key)).toEqual(
        where === 'scan' ? ['a', 'c', 'c'] : ['a', 'c'],
      );
    }
  },
);

it('a timer in error is a unit of its own: undone, gone, and dead-lettered with its key', () => {
  const driver = fragile('timer', 'dead-letter');
  driver.send('in', { key: 'bad', value: 'x', timestamp: 1 });
  driver.send('in', { key: 'b', value: 'x', timestamp: 20 });
  expect(driver.store('counts').entries()).toEqual([
    ['b', 1],
    ['bad', 1],
  ]);
  expect(values(driver)).toEqual([]);
  const [letter, ...others] = driver.read<Uint8Array, null>('dead');
  expect([String(letter && Buffer.from(letter.key)), letter?.value, letter?.timestamp]).toEqual([
    'bad',
    null,
    11,
  ]);
  driver.send('in', { key: 'c', value: 'x', timestamp: 25 });
  expect([others, driver.read('dead')]).toEqual([[], []]);
});

it('an error behind the scan of a timer is dropped with all that the timer did', () => {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', serdes)
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }))
    .count({ name: 'counts', emit: onClose() })
    .toStream()
    .process(
      {
        name: 'failing',
        onError: 'drop',
        create: (context: ProcessorContext<string, string>) => ({
          process({ key, timestamp, headers }) {
            context.forward({ key: key.key, value: 'before', timestamp, headers });
            if (key.key === 'bad') throw new Error('boom');
          },
        }),
      },
      serdes,
    )
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  for (const [key, timestamp] of [
    ['a', 1],
    ['bad', 2],
    ['c', 11],
    ['c', 30],
  ] as const) {
    driver.send('in', { key, value: 'v', timestamp });
  }
  // The windows that end at 10 close in one timer, so they are one unit.
  expect(values(driver)).toEqual([['c', 'before']]);
  expect(driver.drops()).toMatchObject([{ reason: 'processing', node: 'failing', topic: null }]);
  driver.crash();
  expect(driver.store('counts').entries()).toHaveLength(3);
});

it('an error at a sink names the record that it comes from, and not the topic it is for', () => {
  const builder = new TopologyBuilder('app');
  const asNumber = (value: string) => JSON.parse(value) as number; // what it may not be
  builder
    .stream('in', serdes)
    .mapValues(asNumber, { value: int64() })
    .to('out', { name: 'writer' });
  const driver = new TopologyTestDriver(builder.build());
  const error = thrownBy(() => {
    for (const value of ['1', '"x"']) driver.send('in', { key: 'a', value });
  });
  const where = { node: 'writer', task: 'in-0', topic: 'in', partition: 0, offset: 1 };
  expect([error.code, error.where]).toEqual(['SERIALIZATION', where]);
  expect(error.message).toContain("for 'out' (node 'writer')");
});

it("under 'fail' the error names node, task and record, and its cause is the original", () => {
  const driver = fragile('record');
  driver.send('in', { key: 'a', value: 'good', timestamp: 1 });
  const error = thrownBy(() => driver.send('in', { key: 'a', value: 'bad', timestamp: 2 }));
  expect([error.code, error.name]).toEqual(['PROCESSING', 'ProcessingError']);
  expect(error.where).toMatchObject({ node: 'failing', task: 'in-0', topic: 'in', offset: 1 });
  expect(error.cause).toMatchObject({ message: 'boom' });
  // Nothing of it was committed, and it comes again.
  expect(thrownBy(() => driver.crash()).code).toBe('PROCESSING');
  expect(values(driver)).toEqual([['a', 'before']]);
});

it('E4: when most records are in error the worker stops', () => {
  const build = (breaker: 'on' | 'off') => {
    const builder = new TopologyBuilder('app', { deadLetter: 'dead', breaker });
    builder.stream('in', serdes).to('out');
    const driver = new TopologyTestDriver(builder.build(), { commit: 'manual' });
    const send = () => {
      for (let n = 0; n < 1000; n += 1) driver.sendBytes('in', { key: null, value: poison });
    };
    return { driver, send };
  };
  const on = build('on');
  const error = thrownBy(on.send);
  expect([error.code, (error.cause as MillraceError).code]).toEqual([
    'ERROR_RATE',
    'DESERIALIZATION',
  ]);
  expect(on.driver.dropped('deserialization')).toBe(500);
  const off = build('off');
  off.send();
  expect(off.driver.dropped('deserialization')).toBe(1000);
});

it('a handler decides before the policy of the node; if it throws the worker stops', () => {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', serdes)
    .mapValues((): string => boom(), { value: string() })
    .to('out');
  const topology = builder.build();
  const sent = { key: 'a', value: 'x' };
  const stages: string[] = [];
  const lenient = new TopologyTestDriver(topology, {
    onError(error, stage) {
      stages.push(`${stage} ${error.code}`);
      return 'drop';
    },
  });
  lenient.send('in', sent);
  expect([stages, lenient.dropped('processing')]).toEqual([['processing PROCESSING'], 1]);
  const undecided = new TopologyTestDriver(topology, { onError: () => null });
  expect(thrownBy(() => undecided.send('in', sent)).code).toBe('PROCESSING');
  const broken = new TopologyTestDriver(topology, { onError: boom });
  expect(thrownBy(() => broken.send('in', sent)).code).toBe('PROCESSING');
});

function boom(): never {
  throw new Error('boom');
}

it('what an author throws while a processor is created is a typed error', () => {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', serdes)
    .process({ name: 'own', create: (): Own => boom() }, serdes)
    .to('out');
  const topology = builder.build();
  const error = thrownBy(() => new TopologyTestDriver(topology));
  expect([error.code, error.where.node]).toEqual(['PROCESSING', 'own']);
});
