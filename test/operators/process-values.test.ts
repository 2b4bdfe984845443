import { describe, expect, it } from 'vitest';
import {
  int64,
  keyValueStore,
  noHeaders,
  type ProcessValuesDefinition,
  string,
  TopologyBuilder,
  type ValueProcessorContext,
  valueTime,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

const text = { key: string(), value: string() };
const rows = keyValueStore({ name: 'rows', key: string(), value: int64() });

type Definition = Omit<ProcessValuesDefinition<string | null, string, string>, 'name' | 'stores'>;
type Context = ValueProcessorContext<string>;

function topologyOf(create: Definition['create']) {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', text)
    .processValues({ name: 'own', stores: [rows], create }, { value: string() })
    .groupByKey()
    .reduce((_before, value) => value, { name: 'last' })
    .toStream()
    .to('out');
  return builder.build();
}

const input = (records: readonly (readonly [string, string, number])[]) =>
  records.map(([key, value, timestamp]) => ({ topic: 'in', key, value, timestamp }));

describe('processValues', () => {
  it('forwards under the key of the record, and nothing is repartitioned behind it', async () => {
    const topology = topologyOf((context: Context) => {
      const counts = context.store(rows);
      return {
        process({ key, value, timestamp, headers }) {
          if (key === null) return;
          const count = (counts.get(key)?.value ?? 0) + 1;
          counts.put(key, { value: count, timestamp });
          context.forward({ value: `${value}${count}`, timestamp, headers });
        },
      };
    });
    expect(topology.subTopologies).toHaveLength(1);
    await expectInEveryRunMode({
      topology,
      input: input([
        ['a', 'x', 1],
        ['b', 'x', 2],
        ['a', 'y', 3],
      ]),
      output: {
        out: [
          { key: 'a', value: 'x1', timestamp: 1 },
          { key: 'b', value: 'x1', timestamp: 2 },
          { key: 'a', value: 'y2', timestamp: 3 },
        ],
      },
    });
  });

  it("a timer forwards under its own key, a scan under its record's", async () => {
    await expectInEveryRunMode({
      topology: topologyOf((context: Context) => {
        const counts = context.store(rows);
        return {
          process({ key, value, timestamp }) {
            if (key === null) return;
            counts.put(key, { value: value.length, timestamp });
            context.schedule({ at: timestamp + 5, name: 'later', key: Buffer.from(key) });
            context.scan(counts, { lt: key }, ([other]) => {
              context.forward({ value: `sees ${other}`, timestamp, headers: noHeaders });
            });
          },
          onTimer({ timeMs }) {
            context.forward({ value: 'due', timestamp: timeMs, headers: noHeaders });
          },
        };
      }),
      input: input([
        ['a', 'x', 1],
        ['b', 'x', 2],
        ['b', 'y', 6],
      ]),
      output: {
        out: [
          { key: 'b', value: 'sees a', timestamp: 2 },
          { key: 'a', value: 'due', timestamp: 6 },
          { key: 'b', value: 'sees a', timestamp: 6 },
        ],
      },
    });
  });

  it('where no record or timer gives a key nothing can be forwarded', () => {
    const say = (context: Context, timestamp: number) =>
      context.forward({ value: 'v', timestamp, headers: noHeaders });
    const creations: Definition['create'][] = [
      (context) => ({ process: () => undefined, onCommit: () => say(context, 1) }),
      (context) => {
        context.schedule({ every: 10, by: 'stream-time' }, ({ timeMs }) => say(context, timeMs));
        return { process: () => undefined };
      },
      (context) => ({
        process: () => context.schedule({ at: 1, name: 'keyless' }),
        onTimer: ({ timeMs }) => say(context, timeMs),
      }),
    ];
    for (const create of creations) {
      const driver = new TopologyTestDriver(topologyOf(create));
      const error = thrownBy(() =>
        driver.send('in', [
          { key: 'a', value: 'x', timestamp: 1 },
          { key: 'a', value: 'x', timestamp: 11 },
        ]),
      );
      expect(error).toMatchObject({ code: 'KEY_CHANGED', where: { node: 'own' } });
    }
  });

  it('a time that no source would let in is refused', () => {
    const driver = new TopologyTestDriver(
      topologyOf((context: Context) => ({
        process: () => context.forward({ value: 'v', timestamp: -1, headers: noHeaders }),
      })),
    );
    const error = thrownBy(() => driver.send('in', { key: 'a', value: 'x' }));
    expect(error.code).toBe('INVALID_TIMESTAMP');
  });

  it('a store with a time to live keeps to it', async () => {
    const visits = keyValueStore({ name: 'visits', key: string(), value: int64(), timeToLive: 10 });
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .processValues(
        {
          name: 'own',
          stores: [visits],
          create(context: ValueProcessorContext<number>) {
            const counts = context.store(visits);
            return {
              process({ key, timestamp, headers }) {
                if (key === null) return;
                const value = (counts.get(key)?.value ?? 0) + 1;
                counts.put(key, { value, timestamp });
                context.forward({ value, timestamp, headers });
              },
              onTimer() {
                throw new Error('The timers of a store are not for its author.');
              },
            };
          },
        },
        { value: int64() },
      )
      .to('out');
    const at = (value: number, timestamp: number) => ({ key: 'a', value, timestamp });
    await expectInEveryRunMode({
      topology: builder.build(),
      input: input([
        ['a', 'x', 0],
        ['a', 'x', 9],
        ['a', 'x', 18],
        ['a', 'x', 28],
      ]),
      output: { out: [at(1, 0), at(2, 9), at(3, 18), at(1, 28)] },
    });
  });

  it('may be renamed', () => {
    const builder = new TopologyBuilder('app');
    const create: Definition['create'] = () => ({ process: () => undefined });
    builder
      .stream('in', text)
      .processValues({ name: 'own', renamedFrom: 'before', stores: [rows], create });
    expect(builder.build().renames.get('own')).toBe('before');
  });
});

it('a processor knows where the log has its record, and that a timer has none', () => {
  const builder = new TopologyBuilder('app');
  const timestamp = valueTime<string>(() => 40);
  builder
    .stream('in', { ...text, timestamp })
    .processValues(
      {
        name: 'own',
        create: (context: Context) => {
          const place = () => JSON.stringify(context.recordMetadata());
          return {
            process({ key, headers }) {
              context.forward({ value: place(), timestamp: 40, headers });
              context.schedule({ at: 40, name: 'again', key: Buffer.from(key ?? '') });
            },
            onTimer: () => context.forward({ value: place(), timestamp: 40, headers: noHeaders }),
          };
        },
      },
      { value: string() },
    )
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  driver.send('in', [
    { key: 'a', value: 'x', timestamp: 7 },
    { key: 'a', value: 'y', timestamp: 8 },
  ]);
  const at = (offset: number, timestampMs: number) =>
    JSON.stringify({ topic: 'in', partition: 0, offset, timestampMs });
  expect(driver.read('out').map(({ value }) => value)).toEqual([
    at(0, 7),
    'null',
    at(1, 8),
    'null',
  ]);
});
