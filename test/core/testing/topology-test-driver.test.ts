import { expect, it } from 'vitest';
import { int64, onClose, onUpdate, string, TopologyBuilder, tumbling } from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { thrownBy } from '../../support/thrown.ts';

function counted(emit: ReturnType<typeof onClose> | ReturnType<typeof onUpdate>) {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 5 }))
    .count({ name: 'counts', emit })
    .toStream()
    .to('out');
  return new TopologyTestDriver(builder.build());
}

const sent = [
  ['A', 1],
  ['B', 4],
  ['A', 12],
  ['A', 8],
  ['A', 15],
  ['B', 47],
  ['A', 9],
  ['A', 90],
] as const;

it('closes each window once, whatever commits and crashes happen', () => {
  for (const crashes of [false, true]) {
    const driver = counted(onClose());
    for (const [key, timestamp] of sent) {
      driver.send('in', { key, value: 'v', timestamp });
      if (crashes) driver.crash();
    }
    const out = driver.read<{ key: string; startMs: number }, number>('out');
    expect(
      out.map(({ key, value, timestamp }) => [key.key, key.startMs, value, timestamp]),
    ).toEqual([
      ['A', 0, 2, 8],
      ['B', 0, 1, 4],
      ['A', 10, 2, 15],
      ['B', 40, 1, 47],
    ]);
    expect(driver.dropped('late')).toBe(1);
  }
});

it('shows rows, last values and drops', () => {
  const driver = counted(onUpdate());
  driver.send('in', [
    { key: 'a', value: 'v', timestamp: 1 },
    { key: 'a', value: 'v', timestamp: 2 },
    { key: null, value: 'v', timestamp: 2 },
  ]);
  expect(
    driver
      .store('counts')
      .entries()
      .map(([, value]) => value),
  ).toEqual([2]);
  expect(driver.store('counts').get('a', 0, 10)).toBe(2);
  expect([...driver.readTable('out').values()]).toEqual([2]);
  expect(driver.drops().map(({ reason, node }) => [reason, node])).toEqual([
    ['null-key', 'counts'],
  ]);
  expect(int64().format).toBe('int64');
});

it('says of a record that cannot be sent which topic and part it is', () => {
  const builder = new TopologyBuilder('test');
  builder.stream('in', { key: string(), value: int64() }).to('out');
  const driver = new TopologyTestDriver(builder.build());
  const error = thrownBy(() => driver.send('in', { key: 'a', value: 'text' }));
  expect([error.code, error.where]).toEqual(['SERIALIZATION', { topic: 'in' }]);
  expect(error.message).toMatch(/^The value sent to 'in' does not fit its serde: /);
});
