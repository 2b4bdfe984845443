import { describe, expect, it } from 'vitest';
import { onClose, string, TopologyBuilder, tumbling } from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';
import { thrownBy } from '../../support/thrown.ts';

const text = { key: string(), value: string() };

/** Windows of ten seconds over all streams; only the first one's time follows the clock. */
function counting(...topics: readonly string[]) {
  const builder = new TopologyBuilder('app');
  const [first, ...others] = topics.map((topic, index) =>
    builder.stream(topic, { ...text, ...(index === 0 ? { idleAdvance: '5s' } : {}) }),
  );
  others
    .reduce((all, stream) => all?.merge(stream), first)
    ?.groupByKey()
    .windowedBy(tumbling('10s', { grace: 0 }))
    .count({ name: 'counts', emit: onClose() })
    .toStream()
    .mapValues(String, { value: string() })
    .to('out');
  return builder.build();
}

const counts = (driver: TopologyTestDriver) =>
  driver.read<{ key: string; startMs: number }, string>('out').map(({ key, value, timestamp }) => {
    return `${key.key}${key.startMs}=${value}@${timestamp}`;
  });

describe('idleAdvance', () => {
  it('closes windows by the clock, so far behind it, once nothing has come for so long', () => {
    const driver = new TopologyTestDriver(counting('in'), { wallClockTimeMs: 9_000 });
    driver.send('in', { key: 'a', value: 'x', timestamp: 8_000 });
    driver.advanceWallClock(4_999);
    expect(counts(driver)).toEqual([]);
    driver.advanceWallClock(1);
    expect(counts(driver)).toEqual([]);
    driver.advanceWallClock(4_999);
    expect(counts(driver)).toEqual([]);
    driver.advanceWallClock(1);
    expect(counts(driver)).toEqual(['a0=1@8000']);
  });

  it('time is stepped: windows close in their order, and what comes later may be late', () => {
    const driver = new TopologyTestDriver(counting('in'));
    driver.send('in', [
      { key: 'b', value: 'x', timestamp: 12_000 },
      { key: 'a', value: 'x', timestamp: 15_000 },
      { key: 'a', value: 'x', timestamp: 21_000 },
    ]);
    driver.advanceWallClock('1 minute');
    expect(counts(driver)).toEqual(['a10000=1@15000', 'b10000=1@12000', 'a20000=1@21000']);
    driver.send('in', { key: 'a', value: 'x', timestamp: 49_999 });
    expect(driver.dropped('late')).toBe(1);
  });

  it('the time it has given is committed', () => {
    const driver = new TopologyTestDriver(counting('in'));
    driver.send('in', { key: 'a', value: 'x', timestamp: 1_000 });
    driver.advanceWallClock('1 minute');
    expect(counts(driver)).toEqual(['a0=1@1000']);
    driver.crash();
    driver.send('in', { key: 'a', value: 'x', timestamp: 2_000 });
    expect(driver.dropped('late')).toBe(1);
    expect(counts(driver)).toEqual([]);
  });

  it('waits for all inputs of its time, and begins anew with each record', () => {
    const driver = new TopologyTestDriver(counting('in', 'other'), { wallClockTimeMs: 20_000 });
    driver.send('in', { key: 'a', value: 'x', timestamp: 1_000 });
    driver.advanceWallClock('4s');
    driver.send('other', { key: 'a', value: 'x', timestamp: 2_000 });
    driver.advanceWallClock('4s');
    expect(counts(driver)).toEqual([]);
    driver.advanceWallClock('1s');
    expect(counts(driver)).toEqual(['a0=2@2000']);
  });

  it('there is no time before the first record', () => {
    const driver = new TopologyTestDriver(counting('in'));
    driver.advanceWallClock('1 minute');
    driver.send('in', { key: 'a', value: 'x', timestamp: 1_000 });
    expect(driver.dropped()).toBe(0);
  });

  it('time behind a call follows', async () => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', { ...text, idleAdvance: '5s' })
      .mapAsync((value) => Promise.resolve(value), { value: string() })
      .groupByKey()
      .windowedBy(tumbling('10s', { grace: 0 }))
      .count({ name: 'counts', emit: onClose() })
      .toStream()
      .mapValues(String, { value: string() })
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', { key: 'a', value: 'x', timestamp: 1_000 });
    await driver.settled();
    driver.advanceWallClock('1 minute');
    await driver.settled();
    expect(counts(driver)).toEqual(['a0=1@1000']);
  });

  it('a worker does the same', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', textRecords(['a=x']));
    await workshop.start(counting('in'), { commitInterval: '10ms' });
    await workshop.runtime.advance(14_000);
    expect(await workshop.values('out')).toEqual([]);
    await workshop.runtime.advance(2_000);
    expect(await workshop.values('out')).toEqual(['1']);
  });

  it('takes a time above 0', () => {
    const builder = new TopologyBuilder('app');
    const error = thrownBy(() => builder.stream('in', { ...text, idleAdvance: 0 }));
    expect(error.code).toBe('BAD_DURATION');
  });
});
