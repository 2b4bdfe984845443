import { expect, it } from 'vitest';
import { TopologyBuilder, string, tumbling, onClose, onUpdate, type Windowed } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';

it('W1', () => {
  const builder = new TopologyBuilder('w1');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 5 }))
    .count({ name: 'w', emit: onClose() })
    .toStream()
    .to('out');
  const driver = new TopologyTestDriver(builder.build());
  for (const [key, timestamp] of [['A', 1], ['B', 4], ['A', 12], ['A', 8], ['A', 15], ['B', 47], ['A', 9], ['A', 90]] as const)
    driver.send('in', { key, value: 'v', timestamp });
  expect(driver.read<Windowed<string>, number>('out').map(({ key, value, timestamp }) => [key.key, key.startMs, value, timestamp])).toEqual([]);
});
