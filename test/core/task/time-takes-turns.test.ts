import { describe, expect, it } from 'vitest';
import { noHeaders, onClose, string, TopologyBuilder, tumbling } from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';

const text = { key: string(), value: string() };
/** More than any turn has. */
const many = 3_000;

describe('All that is due comes, over as many turns as it takes:', () => {
  it('by the wall clock', () => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .process(
        {
          name: 'later',
          create: (context) => ({
            process({ value }) {
              context.schedule({ at: 1_000, name: value, by: 'wall-clock' });
            },
            onTimer: ({ name }) =>
              context.forward({ key: 'k', value: name, timestamp: 0, headers: noHeaders }),
          }),
        },
        text,
      )
      .to('out');
    const driver = new TopologyTestDriver(builder.build(), { commit: 'manual' });
    for (let index = 0; index < many; index += 1) {
      driver.send('in', { key: 'k', value: `${index}`, timestamp: 0 });
    }
    driver.advanceWallClock('1 minute');
    driver.commit();
    expect(driver.read('out')).toHaveLength(many);
  });

  it('behind calls', async () => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', { ...text, maxFuture: 'off' })
      .mapAsync((value) => Promise.resolve(value), { value: string() })
      .groupByKey()
      .windowedBy(tumbling(1, { grace: many }))
      .count({ name: 'counts', emit: onClose() })
      .toStream()
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    for (let timestamp = 0; timestamp < many; timestamp += 1) {
      driver.send('in', { key: 'k', value: 'v', timestamp });
    }
    await driver.settled();
    expect(driver.read('out')).toEqual([]);
    driver.send('in', { key: 'k', value: 'v', timestamp: 10 * many });
    await driver.settled();
    expect(driver.read('out')).toHaveLength(many);
  });
});
