import { describe, expect, it } from 'vitest';
import {
  int64,
  type Duration,
  keyValueStore,
  noHeaders,
  type Processor,
  type ProcessorContext,
  string,
  TopologyBuilder,
} from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { thrownBy } from '../../support/thrown.ts';

type Context = ProcessorContext<string | null, string>;
type Own = Processor<string | null, string>;

const serdes = { key: string(), value: string() };
const rows = keyValueStore({ name: 'rows', key: string(), value: int64() });

function driverOf(create: (context: Context) => Own, hasStore = false) {
  const builder = new TopologyBuilder('app');
  const stores = hasStore ? { stores: [rows] } : {};
  builder
    .stream('in', serdes)
    .process({ name: 'own', ...stores, create }, serdes)
    .to('out', {
      name: 'sink',
    });
  return new TopologyTestDriver(builder.build());
}

const values = (driver: TopologyTestDriver) =>
  driver.read('out').map(({ value, timestamp }) => `${String(value)}@${timestamp}`);

/** Sends a text at each time and tells what came of it. */
function sendAt(driver: TopologyTestDriver, ...times: readonly number[]) {
  return times.map((timestamp) => {
    driver.send('in', { key: 'a', value: `r${timestamp}`, timestamp });
    return values(driver).join(' ');
  });
}

const say = (context: Context, value: string, timestamp: number) =>
  context.forward({ key: 'a', value, timestamp, headers: noHeaders });

describe('schedule', () => {
  const ticking =
    (every: Duration, by: 'stream-time' | 'wall-clock') =>
    (context: Context): Own => {
      context.schedule({ every, by }, ({ timeMs, missed }) => {
        say(context, `tick${missed === 0 ? '' : ` missed ${missed}`}`, timeMs);
      });
      return { process: (record) => context.forward(record) };
    };

  it('O8: every, by stream time, on the grid and before the record', () => {
    const driver = driverOf(ticking(10, 'stream-time'));
    expect(sendAt(driver, 3, 9, 12, 47, 50)).toEqual([
      'r3@3',
      'r9@9',
      'tick@10 r12@12',
      'tick missed 2@40 r47@47',
      'tick@50 r50@50',
    ]);
  });

  it('every goes on after a restart on the same grid', () => {
    const driver = driverOf(ticking(10, 'stream-time'));
    sendAt(driver, 3, 12);
    driver.crash();
    expect(sendAt(driver, 19, 35)).toEqual(['r19@19', 'tick missed 1@30 r35@35']);
  });

  it('every, by the wall clock, fires once for all it missed', () => {
    const driver = driverOf(ticking('10ms', 'wall-clock'));
    driver.advanceWallClock(9);
    expect(values(driver)).toEqual([]);
    driver.advanceWallClock(1);
    driver.advanceWallClock(35);
    expect(values(driver)).toEqual(['tick@10', 'tick missed 2@40']);
  });

  it('a period of 0 is refused', () => {
    const error = thrownBy(() => driverOf(ticking(0, 'stream-time')));
    expect(error.code).toBe('BAD_DURATION');
  });

  it('at runs before the record that passes it, and what is due at once after the record', () => {
    const driver = driverOf((context) => ({
      process(record) {
        context.forward(record);
        context.schedule({ at: record.timestamp, name: 'now' });
        context.schedule({ at: record.timestamp + 5, name: 'later', key: Buffer.from('k') });
      },
      onTimer: ({ name, timeMs }) => say(context, name, timeMs),
    }));
    expect(sendAt(driver, 1, 5, 20)).toEqual([
      'r1@1 now@1',
      'r5@5 now@5',
      // Set anew at 5, so it is due at 10.
      'later@10 r20@20 now@20',
    ]);
    driver.crash();
    expect(sendAt(driver, 30)).toEqual(['later@25 r30@30 now@30']);
  });

  it('a timer may set the next one, each at its own time', () => {
    const driver = driverOf((context) => ({
      process: (record) => context.schedule({ at: record.timestamp + 10, name: 'step' }),
      onTimer({ timeMs }) {
        say(context, `S=${context.streamTimeMs}`, timeMs);
        if (timeMs < 40) context.schedule({ at: timeMs + 10, name: 'step' });
      },
    }));
    expect(sendAt(driver, 0, 100)).toEqual(['', 'S=10@10 S=20@20 S=30@30 S=40@40']);
  });
});

describe('forward', () => {
  it('returns when all children are done, depth first and in plan order', () => {
    const seen: string[] = [];
    const builder = new TopologyBuilder('app');
    const stream = builder.stream('in', serdes);
    const first = stream.peek(() => seen.push('1'));
    const second = stream.peek(() => seen.push('2'));
    first.peek(() => seen.push('1.1'));
    first.peek(() => seen.push('1.2'));
    second.peek(() => seen.push('2.1'));
    new TopologyTestDriver(builder.build()).send('in', { key: 'a', value: 'v' });
    expect(seen).toEqual(['1', '1.1', '1.2', '2', '2.1']);
  });

  it('to a named child reaches that child alone; an unknown name is an error', () => {
    const build = (to: string) => {
      const create = (context: Context): Own => ({
        process: (record) => context.forward(record, to),
      });
      const builder = new TopologyBuilder('app');
      const own = builder.stream('in', serdes).process({ name: 'own', create }, serdes);
      own.to('left', { name: 'to-left' });
      own.to('right', { name: 'to-right' });
      return new TopologyTestDriver(builder.build());
    };
    const driver = build('to-right');
    driver.send('in', { key: 'a', value: 'v' });
    expect([driver.read('left').length, driver.read('right').length]).toEqual([0, 1]);
    const error = thrownBy(() => build('nobody').send('in', { key: 'a', value: 'v' }));
    expect([error.code, error.where.node]).toEqual(['BAD_OPTION', 'own']);
  });
});

describe('stores and scans', () => {
  it('a scan sees the writes made before it and none made after, between two records', () => {
    const driver = driverOf((context) => {
      const store = context.store(rows);
      return {
        process({ value, timestamp }) {
          store.put(value, { value: timestamp, timestamp });
          const found: string[] = [];
          context.scan(store, {}, ([key]) => {
            found.push(key);
            store.put('seen', { value: 0, timestamp });
            say(context, key, timestamp);
          });
          store.put(`${value}-after`, { value: timestamp, timestamp });
        },
      };
    }, true);
    expect(sendAt(driver, 1)).toEqual(['r1@1']);
    driver.crash();
    expect(sendAt(driver, 2)).toEqual(['r1@2 r1-after@2 r2@2 seen@2']);
  });

  it('a store that a node does not list is refused by name', () => {
    const error = thrownBy(() => driverOf((context) => void context.store(rows) as never));
    expect([error.code, error.where.store]).toEqual(['UNKNOWN_STORE', 'rows']);
  });

  it('a store is refused once its task is closed', () => {
    let leaked: (() => unknown) | null = null;
    const driver = driverOf((context) => {
      const store = context.store(rows);
      leaked ??= () => store.get('a');
      return { process: () => undefined };
    }, true);
    driver.crash();
    expect(thrownBy(() => leaked?.()).code).toBe('STORE_CLOSED');
  });
});

it('drop counts under the reason of the author, and undoes nothing', () => {
  const driver = driverOf((context) => ({
    process(record) {
      context.forward(record);
      context.drop(record, 'author:odd');
    },
  }));
  sendAt(driver, 1);
  expect(driver.dropped('author:odd')).toBe(1);
  expect(driver.drops()).toMatchObject([{ node: 'own', topic: 'in', partition: 0, offset: 0 }]);
});
