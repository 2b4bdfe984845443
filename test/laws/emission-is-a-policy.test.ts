import { expect, it } from 'vitest';
import {
  every,
  onClose,
  onCommit,
  onUpdate,
  type RunOptions,
  string,
  TopologyBuilder,
  tumbling,
  type WindowedEmitPolicy,
} from '../../src/index.ts';
import { textRecords, Workshop } from '../support/workshop.ts';

function counting(emit: WindowedEmitPolicy) {
  const builder = new TopologyBuilder('app');
  builder
    .stream('in', { key: string(), value: string() })
    .groupByKey()
    .windowedBy(tumbling(8, { grace: 2 }))
    .count({ name: 'counts', emit })
    .toStream()
    .to('out');
  return builder.build();
}

const input = textRecords(Array.from({ length: 40 }, (_, index) => `k${index % 3}=v`));

async function emitted(emit: WindowedEmitPolicy, options: Partial<RunOptions>, batchSize: number) {
  const workshop = new Workshop();
  const worker = await workshop.start(counting(emit), options);
  for (let from = 0; from < input.length; from += batchSize) {
    await workshop.feed('in', input.slice(from, from + batchSize));
    await workshop.until(worker.caughtUp());
  }
  const out = await workshop.read('out');
  return out.map(({ key, value, timestamp }) => [
    key?.toString('hex'),
    value?.toString('hex'),
    timestamp,
  ]);
}

const settings: readonly (readonly [Partial<RunOptions>, number])[] = [
  [{ maxCacheBytes: 0 }, 40],
  [{ maxDirtyBytes: 1 }, 40],
  [{ commitInterval: 1 }, 1],
  [{ commitInterval: '1 hour' }, 7],
];

const policies: Record<string, WindowedEmitPolicy> = {
  onUpdate: onUpdate(),
  onClose: onClose(),
  every: every(5),
};

for (const [name, policy] of Object.entries(policies)) {
  it(`${name}() emits the same whatever caches, commits and batches are`, async () => {
    const expected = await emitted(policy, {}, 40);
    expect(expected.length).toBeGreaterThan(10);
    for (const [options, batchSize] of settings) {
      expect(await emitted(policy, options, batchSize)).toEqual(expected);
    }
  });
}

it('onCommit() is the one that depends on commits', async () => {
  const once = await emitted(onCommit(), {}, 40);
  const often = await emitted(onCommit(), {}, 1);
  expect(often.length).toBeGreaterThan(once.length);
});
