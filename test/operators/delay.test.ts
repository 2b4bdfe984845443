import { expect, it } from 'vitest';
import { noHeaders, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { at, out } from '../support/records.ts';

const source = { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' } as const;

function delayed(by: 'stream-time' | 'wall-clock' = 'stream-time') {
  const builder = new TopologyBuilder('test');
  builder.stream('in', source).delay(10, { name: 'later', by }).to('out');
  return builder.build();
}

it('what is due at one time leaves in order of key, null first, then arrival', async () => {
  await expectInEveryRunMode({
    topology: delayed(),
    input: [at('b', 5, '1'), at('a', 5, '2'), at('b', 5, '3'), at(null, 5), at('', 5), at('x', 15)],
    output: {
      out: [out(null, 5), out('', 5), out('a', 5, '2'), out('b', 5, '1'), out('b', 5, '3')],
    },
  });
});

it('what is due already leaves behind the record that is there', async () => {
  await expectInEveryRunMode({
    topology: delayed(),
    input: [at('a', 50), at('b', 40, null), at('c', 45), at('d', 55)],
    output: { out: [out('b', 40, null), out('c', 45)] },
    drops: [],
  });
});

it('what waits is kept with its headers through a crash, and nothing of it afterwards', () => {
  const driver = new TopologyTestDriver(delayed());
  driver.send('in', { ...at('a', 1), headers: noHeaders.with('h', 'x') });
  driver.crash();
  expect(driver.store('later').entries()).toHaveLength(1);
  driver.send('in', at('b', 100));
  const [record] = driver.read('out');
  expect(String(record?.headers.get('h'))).toBe('x');
  driver.send('in', at('b', 200));
  expect(driver.store('later').entries()).toHaveLength(1);
});

it('hundreds of records of one key and time keep their order', () => {
  const driver = new TopologyTestDriver(delayed());
  const values = Array.from({ length: 200 }, (_, index) => String(index));
  driver.send(
    'in',
    values.map((value) => at('k', 1, value)),
  );
  driver.send('in', at('x', 11));
  expect(driver.read('out').map(({ value }) => value)).toEqual(values);
});

it('by wall clock stream time makes nothing due', () => {
  const driver = new TopologyTestDriver(delayed('wall-clock'), { wallClockTimeMs: 1000 });
  driver.send('in', [at('a', 1), at('b', 900)]);
  driver.advanceWallClock(9);
  expect(driver.read('out')).toEqual([]);
  driver.advanceWallClock(1);
  expect(driver.read('out').map(({ timestamp }) => timestamp)).toEqual([1, 900]);
});
