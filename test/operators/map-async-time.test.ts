import { describe, expect, it } from 'vitest';
import { onClose, onCommit, string, TopologyBuilder, tumbling } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { type Expectation, expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { levelDriver } from '../support/level-driver.ts';
import { memoryDriver } from '../support/memory-driver.ts';
import { arrived, manualCalls, sent } from '../support/manual-calls.ts';

const text = { key: string(), value: string() };

/** Ends after so many turns of the promise queue. */
async function after<T>(turns: number, value: T): Promise<T> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  return value;
}

describe('mapAsync: time', () => {
  const windowedCounts = (call: (value: string) => Promise<string>) => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .filter((value) => value !== 'filtered')
      .mapAsync(call, { value: string() })
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 0 }))
      .count({ name: 'counts', emit: onClose() })
      .toStream()
      .map((value, { key, startMs }) => ({ key: `${key}${startMs}`, value: String(value) }), text)
      .to('out');
    return builder.build();
  };
  const rows = (driver: TopologyTestDriver) =>
    driver
      .read<string, string>('out')
      .map(({ key, value, timestamp }) => `${key}=${value}@${timestamp}`);

  it('O9: a window closes when all records taken before its close are done', async () => {
    const { call, end } = manualCalls();
    const driver = new TopologyTestDriver(windowedCounts(call));
    driver.send('in', [
      { key: 'a', value: 'a1', timestamp: 1 },
      { key: 'b', value: 'b2', timestamp: 2 },
      { key: 'b', value: 'b25', timestamp: 25 },
    ]);
    end('b2');
    end('b25');
    await arrived(driver);
    const commit = driver.settled();
    expect(rows(driver)).toEqual([]);
    end('a1');
    await commit;
    expect(rows(driver)).toEqual(['a0=1@1', 'b0=1@2']);
  });

  it.each([
    ['in memory', memoryDriver],
    ['on disk', levelDriver],
  ])('%s: a slow call makes nothing late; what is late without it is', async (_, createDriver) => {
    const expectation: Expectation = {
      topology: windowedCounts((value) => after(value === 'slow' ? 50 : 1, value)),
      input: [
        { topic: 'in', key: 'a', value: 'slow', timestamp: 1 },
        { topic: 'in', key: 'b', value: 'x', timestamp: 25 },
        { topic: 'in', key: 'b', value: 'late', timestamp: 2 },
      ],
      output: { out: [{ key: 'a0', value: '1', timestamp: 1 }] },
      drops: ['late'],
    };
    await expectInEveryRunMode(expectation, createDriver);
  });

  it('a filtered record carries time on, as it does without the call', async () => {
    await expectInEveryRunMode({
      topology: windowedCounts((value) => after(1, value)),
      input: [
        { topic: 'in', key: 'a', value: 'x', timestamp: 1 },
        { topic: 'in', key: 'b', value: 'filtered', timestamp: 12 },
      ],
      output: { out: [{ key: 'a0', value: '1', timestamp: 1 }] },
    });
  });

  it('one call behind another keeps all of it', async () => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .mapAsync((value) => after(value.length, value), { value: string() })
      .mapAsync((value) => after(9 - value.length, value), { value: string(), maxInFlight: 1 })
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 0 }))
      .aggregate({
        name: 'texts',
        initializer: () => '',
        aggregator: (sum, value) => sum + value,
        emit: onClose(),
        value: string(),
      })
      .toStream()
      .map((value, { key, startMs }) => ({ key: `${key}${startMs}`, value: value ?? '' }), text)
      .to('out');
    await expectInEveryRunMode({
      topology: builder.build(),
      input: ['longest', 'mid', '', 'q', 'end'].map((value, index) => ({
        topic: 'in',
        key: 'a',
        value,
        timestamp: index * 4,
      })),
      output: {
        out: [{ key: 'a0', value: 'longestmid', timestamp: 8 }],
      },
    });
  });

  it('after a restart time behind is known before the first record', async () => {
    const starts: number[] = [];
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .mapAsync((value) => after(1, value), { value: string() })
      .process({
        name: 'own',
        create(context) {
          starts.push(context.streamTimeMs);
          return { process: () => undefined };
        },
      });
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', { key: 'a', value: 'x', timestamp: 7 });
    await driver.settled();
    driver.crash();
    expect(starts).toEqual([-1, 7]);
  });

  it("merged with its own input, stream time is the input's", async () => {
    const builder = new TopologyBuilder('app');
    const input = builder.stream('in', text);
    input
      .mapAsync((value) => after(3, `${value}!`), { value: string() })
      .merge(input)
      .groupByKey()
      .windowedBy(tumbling(10, { grace: 0 }))
      .count({ name: 'counts', emit: onClose() })
      .toStream()
      .map((value, { key, startMs }) => ({ key: `${key}${startMs}`, value: String(value) }), text)
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', [
      { key: 'a', value: 'x', timestamp: 1 },
      { key: 'a', value: 'y', timestamp: 12 },
    ]);
    await driver.settled();
    expect(rows(driver)).toEqual(['a0=1@1']);
    expect(driver.drops().map(({ reason }) => reason)).toEqual(['late']);
  });

  it('what an aggregation gives at a commit passes its call within that commit', async () => {
    const builder = new TopologyBuilder('app');
    builder
      .stream('in', text)
      .groupByKey()
      .count({ name: 'counts', emit: onCommit() })
      .toStream()
      .mapAsync((count) => after(3, `${count}`), { value: string() })
      .to('out');
    const driver = new TopologyTestDriver(builder.build());
    driver.send('in', sent('a1', 'a2', 'b1'));
    await driver.settled();
    expect(driver.read('out').map(({ key, value }) => [key, value])).toEqual([
      ['a', '2'],
      ['b', '1'],
    ]);
  });
});
