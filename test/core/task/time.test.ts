import { expect, it } from 'vitest';
import { onClose, onUpdate, string, TopologyBuilder, tumbling } from '../../../src/index.ts';
import { TopologyTestDriver } from '../../../src/testing.ts';
import { expectInEveryRunMode } from '../../support/expect-in-every-run-mode.ts';

const serdes = { key: string(), value: string() };

const windows = tumbling(10, { grace: 0 });

it('T2: at equal times the table comes first, whatever was declared first', async () => {
  const builder = new TopologyBuilder('app');
  const stream = builder.stream('s', serdes);
  const table = builder.table('T', { name: 'rows', ...serdes });
  stream.leftJoin(table, (left, row) => `${left}+${row}`, { value: string() }).to('out');
  await expectInEveryRunMode({
    topology: builder.build(),
    isFilled: true,
    input: [
      { topic: 's', key: 'k', value: 'e', timestamp: 7 },
      { topic: 'T', key: 'k', value: 'v', timestamp: 7 },
    ],
    output: { out: [{ key: 'k', value: 'e+v', timestamp: 7 }] },
  });
});

it('T3: a record that is filtered has advanced time', async () => {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', serdes)
    .filter((value) => value === 'x')
    .groupByKey()
    .windowedBy(windows)
    .count({ name: 'counts', emit: onClose() })
    .toStream()
    .to('out');
  await expectInEveryRunMode({
    topology: builder.build(),
    input: [
      { topic: 'in', key: 'a', value: 'x', timestamp: 1 },
      { topic: 'in', key: 'a', value: 'y', timestamp: 12 },
    ],
    output: { out: [{ key: { key: 'a', startMs: 0, endMs: 10 }, value: 1, timestamp: 1 }] },
    drops: [],
  });
});

it('T4: reference data never makes events late', async () => {
  const builder = new TopologyBuilder('app');
  const stream = builder.stream('s', serdes);
  const table = builder.table('T', { name: 'rows', ...serdes });
  stream
    .leftJoin(table, (left) => left, { value: string() })
    .groupByKey()
    .windowedBy(windows)
    .count({ name: 'counts', emit: onClose() })
    .toStream()
    .to('out');
  await expectInEveryRunMode({
    topology: builder.build(),
    input: [
      { topic: 'T', key: 'u', value: '1', timestamp: 500 },
      { topic: 's', key: 'k', value: 'x', timestamp: 5 },
      { topic: 's', key: 'k', value: 'x', timestamp: 12 },
    ],
    output: { out: [{ key: { key: 'k', startMs: 0, endMs: 10 }, value: 1, timestamp: 5 }] },
    drops: [],
  });
});

it('one big jump gives what many small steps give, through windows behind windows', () => {
  const build = () => {
    const builder = new TopologyBuilder('app');
    const counts = builder
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(windows)
      .count({ name: 'tens', emit: onClose() })
      .toStream();
    counts.to('tens');
    counts
      .mapValues(String, { value: string() })
      .groupByKey()
      .windowedBy(tumbling(30, { grace: 20 }))
      .count({ name: 'thirties', emit: onUpdate() })
      .toStream()
      .to('thirties');
    return new TopologyTestDriver(builder.build());
  };
  const first = [0, 3, 11, 24, 38].map((timestamp) => ({ key: 'a', value: 'v', timestamp }));
  const outputs = [[1000], [50, 60, 75, 80, 1000]].map((steps) => {
    const driver = build();
    driver.send('in', first);
    for (const timestamp of steps) driver.send('in', { key: 'z', value: 'v', timestamp });
    return ['tens', 'thirties'].map((topic) =>
      driver
        .read<{ key: string }, number>(topic)
        .filter(({ key }) => !JSON.stringify(key).includes('z')),
    );
  });
  expect(outputs[0]).toEqual(outputs[1]);
  expect(outputs[0]?.map((records) => records.length)).toEqual([4, 4]);
});
