import { describe, expect, it } from 'vitest';
import { type MapAsyncOptions, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { arrived, manualCalls, sent } from '../support/manual-calls.ts';
import { thrownBy } from '../support/thrown.ts';

const text = { key: string(), value: string() };

function mapped(options: MapAsyncOptions = {}) {
  const made = manualCalls();
  const builder = new TopologyBuilder('app', { deadLetter: 'dead' });
  builder
    .stream('in', text)
    .mapAsync(made.call, { ...options, value: string() })
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  const read = () => driver.read<string, string>('out').map(({ value }) => value);
  return { ...made, driver, read };
}

describe('mapAsync: order', () => {
  it("results of one key leave in input order; another key's do not wait", async () => {
    const { driver, read, end } = mapped();
    driver.send('in', sent('a1', 'a2', 'b1'));
    end('a2');
    end('b1');
    await arrived(driver);
    end('a1');
    await driver.settled();
    expect(read()).toEqual(['B1', 'A1', 'A2']);
  });

  it("with 'partition' all results leave in input order", async () => {
    const { driver, read, end } = mapped({ order: 'partition' });
    driver.send('in', sent('a1', 'b1', 'c1'));
    for (const value of ['c1', 'b1']) end(value);
    await arrived(driver);
    end('a1');
    await driver.settled();
    expect(read()).toEqual(['A1', 'B1', 'C1']);
  });

  it("with 'none' they leave as they end, and so do those of null keys under 'key'", async () => {
    const { driver, read, end } = mapped({ order: 'none' });
    driver.send('in', sent('a1', 'a2', 'a3'));
    for (const value of ['a3', 'a1', 'a2']) {
      end(value);
      await arrived(driver);
    }
    await driver.settled();
    expect(read()).toEqual(['A3', 'A1', 'A2']);
    const unkeyed = mapped();
    unkeyed.driver.send('in', [{ value: 'a1' }, { value: 'a2' }]);
    unkeyed.end('a2');
    await arrived(unkeyed.driver);
    unkeyed.end('a1');
    await unkeyed.driver.settled();
    expect(unkeyed.read()).toEqual(['A2', 'A1']);
  });

  it('key, timestamp and headers stay; the callback sees them', async () => {
    const seen: unknown[] = [];
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', { ...text, tombstones: 'keep' })
      .mapHeaders((headers) => headers.with('h', 'x'))
      .mapAsync(
        (value, key, { timestamp, headers }) => {
          seen.push([key, value, timestamp, headers.size]);
          return Promise.resolve(value);
        },
        { value: string() },
      )
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', [
      { key: 'a', value: null, timestamp: 7 },
      { key: null, value: 'v', timestamp: 8 },
    ]);
    await driver.settled();
    expect(seen).toEqual([
      ['a', null, 7, 1],
      [null, 'v', 8, 1],
    ]);
    const out = driver.read('out');
    expect(out.map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
      ['a', null, 7],
      [null, 'v', 8],
    ]);
    expect(out.map(({ headers }) => headers.size)).toEqual([1, 1]);
  });
});

describe('mapAsync: bounds', () => {
  it('no more calls are made at a time than may be in flight', async () => {
    const { driver, read, end, made } = mapped({ maxInFlight: 2 });
    driver.send('in', sent('a1', 'b1', 'c1', 'd1'));
    expect(made).toEqual(['a1', 'b1']);
    end('b1');
    await arrived(driver);
    expect(made).toEqual(['a1', 'b1', 'c1']);
    for (const value of ['a1', 'c1']) end(value);
    await arrived(driver);
    end('d1');
    await driver.settled();
    expect(read()).toEqual(['B1', 'A1', 'C1', 'D1']);
  });

  it('a result that waits for its turn counts as in flight', async () => {
    const { driver, end, made } = mapped({ maxInFlight: 2, order: 'partition' });
    driver.send('in', sent('a1', 'b1', 'c1'));
    end('b1');
    await arrived(driver);
    expect(made).toEqual(['a1', 'b1']);
  });

  it('a record whose unit is undone is not called for', async () => {
    const { call, made } = manualCalls();
    const builder = new TopologyBuilder('app');
    const stream = builder.stream('in', text);
    stream.mapAsync(call, { value: string() }).to('out');
    stream.process({
      name: 'picky',
      onError: 'drop',
      create: () => ({
        process({ value }) {
          if (value === 'bad') throw new Error('bad');
        },
      }),
    });
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', sent('good', 'bad'));
    expect(made).toEqual(['good']);
    expect(driver.drops().map(({ reason }) => reason)).toEqual(['processing']);
  });
});

describe('mapAsync: errors', () => {
  it('a rejection is an error of the record, named with its place', async () => {
    const { driver, fail } = mapped();
    driver.send('in', sent('a1'));
    fail('a1');
    const error = await driver.settled().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'PROCESSING',
      where: { node: 'map-async-1', topic: 'in', offset: 0 },
      cause: { message: 'no a1' },
    });
  });

  it('a dead letter has the bytes of the source record, and the rest goes on', async () => {
    const { driver, read, end, fail } = mapped({ onError: 'dead-letter' });
    driver.send('in', sent('a1', 'a2', 'a3'));
    for (const value of ['a1', 'a3']) end(value);
    fail('a2');
    await driver.settled();
    expect(read()).toEqual(['A1', 'A3']);
    const [letter] = driver.read<Uint8Array, Uint8Array>('dead');
    expect(Buffer.from(letter?.value ?? []).toString()).toBe('a2');
    const header = (name: string) => Buffer.from(letter?.headers.get(name) ?? []).toString();
    expect(header('millrace.error.offset')).toBe('1');
    expect(header('millrace.error.node')).toBe('map-async-1');
    expect(driver.drops()).toMatchObject([{ reason: 'processing', topic: 'in', offset: 1 }]);
  });

  it('after its time an attempt is aborted, and what it brings later is ignored', async () => {
    const { driver, read, end, aborted, made } = mapped({ timeout: '5s', onError: 'drop' });
    driver.send('in', sent('a1', 'a2'));
    end('a2');
    driver.advanceWallClock(4999);
    expect(aborted).toEqual([]);
    await arrived(driver);
    driver.advanceWallClock(1);
    expect(aborted).toEqual(['a1']);
    end('a1');
    await driver.settled();
    expect(read()).toEqual(['A2']);
    expect(made).toEqual(['a1', 'a2']);
    expect(driver.dropped('processing')).toBe(1);
  });

  it('a failed attempt is made again after the backoff, so many times', async () => {
    const attempts: number[] = [];
    const { driver, read, end, fail, made } = mapped({
      retries: 2,
      backoff: (attempt) => {
        attempts.push(attempt);
        return attempt * 1000;
      },
    });
    driver.send('in', sent('a1'));
    fail('a1');
    await driver.settled();
    driver.advanceWallClock(999);
    expect(made).toHaveLength(1);
    driver.advanceWallClock(1);
    expect(made).toHaveLength(2);
    fail('a1');
    await driver.settled();
    driver.advanceWallClock(2000);
    end('a1', 'third');
    await driver.settled();
    expect(read()).toEqual(['third']);
    expect(attempts).toEqual([1, 2]);
  });

  it('undefined is no result, and a throw before the promise is a rejection', async () => {
    const results: Record<string, () => unknown> = {
      nothing: () => Promise.resolve(undefined),
      thrown: () => {
        throw new Error('at once');
      },
    };
    const codes: string[] = [];
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .mapAsync((value) => results[value]?.() as Promise<string>, { value: string() }) // as in JavaScript
      .to('out');
    const driver = new TopologyTestDriver(builder.build(), {
      onError: (error) => {
        codes.push(`${error.code}: ${error.message}`);
        return 'drop';
      },
    });
    driver.send('in', sent('nothing', 'thrown'));
    await driver.settled();
    expect(codes.sort()).toEqual([
      expect.stringContaining("PROCESSING: Node 'map-async-1' threw: at once"),
      expect.stringContaining('UNDEFINED_VALUE'),
    ]);
  });

  it('what happens behind is a unit of its own', async () => {
    const made = manualCalls();
    const builder = new TopologyBuilder('app');
    const results = builder.stream('in', text).mapAsync(made.call, { value: string() });
    results.to('first');
    results.process({
      name: 'picky',
      onError: 'drop',
      create: () => ({
        process({ value }) {
          if (value === 'A2') throw new Error('bad');
        },
      }),
    });
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', sent('a1', 'a2', 'a3'));
    for (const value of ['a1', 'a2', 'a3']) made.end(value);
    await driver.settled();
    expect(driver.read('first').map(({ value }) => value)).toEqual(['A1', 'A3']);
  });
});

describe('mapAsync: commits', () => {
  it('the test driver says so where a commit would have to wait', () => {
    const builder = new TopologyBuilder('app');
    const { call } = manualCalls();
    builder.stream('in', text).mapAsync(call, { value: string() }).to('out');
    const driver = new TopologyTestDriver(builder.build(), { commit: 'manual' });
    driver.send('in', sent('a1'));
    expect(thrownBy(() => driver.commit())).toMatchObject({ code: 'CALLS_IN_FLIGHT' });
  });

  it('a crash aborts the calls and makes them again', async () => {
    const { driver, read, end, made, aborted } = mapped();
    driver.send('in', sent('a1'));
    driver.crash();
    expect(aborted).toEqual(['a1']);
    expect(made).toEqual(['a1', 'a1']);
    end('a1');
    await driver.settled();
    driver.crash();
    await driver.settled();
    expect(read()).toEqual(['A1']);
  });
});

describe('mapAsync: options', () => {
  it('refuses what no call could be made with', () => {
    const built = (options: MapAsyncOptions) => {
      const builder = new TopologyBuilder('app');
      const { call } = manualCalls();
      builder
        .stream('in', text)
        .mapAsync(call, { ...options, value: string() })
        .to('out');
      return thrownBy(() => builder.build());
    };
    for (const bad of [{ maxInFlight: 0 }, { retries: -1 }, { retries: 0.5 }, { timeout: 0 }]) {
      expect(built(bad)).toMatchObject({ problems: [{ code: 'BAD_OPTION', node: 'map-async-1' }] });
    }
  });
});
