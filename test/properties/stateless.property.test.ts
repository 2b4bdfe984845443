import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type KStream, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

interface Flat {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

type Stream = KStream<string | null, string | null>;

/** An operator twice: as the DSL has it, and as a function from one record to many. */
interface Stage {
  readonly build: (stream: Stream, name: string) => Stream;
  readonly naive: (record: Flat) => readonly Flat[];
}

const serdes = { key: string(), value: string() };
const isShort = (value: string | null) => (value?.length ?? 0) < 3;
const marked = (value: string | null) => (value === null ? null : `${value}!`);
const halves = (value: string | null) => (value === null ? [] : [value, value.slice(1)]);
const firstLetter = (value: string | null) => value?.slice(0, 1) ?? null;

const stages: Readonly<Record<string, Stage>> = {
  filter: {
    build: (stream) => stream.filter(isShort),
    naive: (record) => (isShort(record.value) ? [record] : []),
  },
  filterNot: {
    build: (stream) => stream.filterNot(isShort),
    naive: (record) => (isShort(record.value) ? [] : [record]),
  },
  map: {
    build: (stream) => stream.map((value, key) => ({ key: value, value: key }), serdes),
    naive: ({ key, value, timestamp }) => [{ key: value, value: key, timestamp }],
  },
  mapValues: {
    build: (stream) => stream.mapValues(marked, { value: string() }),
    naive: (record) => [{ ...record, value: marked(record.value) }],
  },
  flatMap: {
    build: (stream) =>
      stream.flatMap(
        (value, key) => halves(value).map((half) => ({ key: half, value: key })),
        serdes,
      ),
    naive: ({ key, value, timestamp }) =>
      halves(value).map((half) => ({ key: half, value: key, timestamp })),
  },
  flatMapValues: {
    build: (stream) => stream.flatMapValues(halves, { value: string() }),
    naive: (record) => halves(record.value).map((value) => ({ ...record, value })),
  },
  selectKey: {
    build: (stream) => stream.selectKey(firstLetter, { key: string() }),
    naive: (record) => [{ ...record, key: firstLetter(record.value) }],
  },
  peek: {
    build: (stream) => stream.peek(() => undefined),
    naive: (record) => [record],
  },
  splitAndMerge: {
    build: (stream) => {
      const { short, marked: long } = stream.split({
        short: isShort,
        marked: (value) => value?.endsWith('!') ?? false,
      });
      return long.mapValues(() => 'long', { value: string() }).merge(short);
    },
    naive: (record) => {
      if (isShort(record.value)) return [record];
      return record.value?.endsWith('!') === true ? [{ ...record, value: 'long' }] : [];
    },
  },
  splitWithDefault: {
    build: (stream) => stream.split({ short: isShort, default: true }).default,
    naive: (record) => (isShort(record.value) ? [] : [record]),
  },
  repartition: {
    build: (stream, name) => stream.repartition({ name }),
    naive: (record) => [record],
  },
};

const record = fc.record({
  key: fc.constantFrom('a', 'b', '', null),
  value: fc.constantFrom('x', 'long', 'yy', '', null),
  timestamp: fc.nat(20),
});

it('a chain of stateless operators is the composition of their functions', () => {
  const chain = fc.array(fc.constantFrom(...Object.keys(stages)), { maxLength: 5 });
  const law = fc.property(chain, stepsOf(record), (names, steps) => {
    const chosen = names.flatMap((name) => stages[name] ?? []);
    const builder = new TopologyBuilder('property');
    const source: Stream = builder.stream('in', {
      ...serdes,
      tombstones: 'keep',
      maxFuture: 'off',
    });
    chosen
      .reduce((stream, { build }, index) => build(stream, `stage-${index}`), source)
      .to('out', serdes);
    const driver = new TopologyTestDriver(builder.build(), { commit: 'manual' });
    const { sent } = play(driver, steps);
    const expected = chosen.reduce<readonly Flat[]>(
      (records, { naive }) => records.flatMap(naive),
      sent,
    );
    const out = readPlain(driver, 'out');
    expect(out).toEqual(expected);
  });
  fc.assert(law, propertyOptions(500));
});

it('peek and forEach see each record once where nothing crashes', () => {
  const law = fc.property(fc.array(record), (records) => {
    const seen: unknown[] = [];
    const builder = new TopologyBuilder('property');
    const source: Stream = builder.stream('in', {
      ...serdes,
      tombstones: 'keep',
      maxFuture: 'off',
    });
    source
      .peek((value, key) => seen.push(['peek', key, value]))
      .forEach((value, key) => {
        seen.push(['forEach', key, value]);
      });
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', records);
    expect(seen).toEqual(
      records.flatMap(({ key, value }) => [
        ['peek', key, value],
        ['forEach', key, value],
      ]),
    );
  });
  fc.assert(law, propertyOptions(100));
});

it('merged sources pass everything, in the order in which it was taken', () => {
  const topic = fc.constantFrom('in', 'other');
  const law = fc.property(stepsOf(fc.tuple(topic, record)), (tupled) => {
    const steps = tupled.map((step) =>
      step.kind === 'record'
        ? { kind: step.kind, record: { topic: step.record[0], ...step.record[1] } }
        : step,
    );
    const builder = new TopologyBuilder('property');
    const options = { ...serdes, tombstones: 'keep', maxFuture: 'off' } as const;
    builder.stream('in', options).merge(builder.stream('other', options)).to('out');
    const driver = new TopologyTestDriver(builder.build(), { commit: 'manual' });
    const { sent } = play(driver, steps);
    const out = readPlain(driver, 'out');
    expect(out).toEqual(sent.map(({ key, value, timestamp }) => ({ key, value, timestamp })));
  });
  fc.assert(law, propertyOptions(200));
});
