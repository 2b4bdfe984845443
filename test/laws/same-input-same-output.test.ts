import fc from 'fast-check';
import { expect, it } from 'vitest';
import { onClose, string, TopologyBuilder, tumbling } from '../../src/index.ts';
import { propertyOptions } from '../support/property-options.ts';
import { Workshop } from '../support/workshop.ts';

/** A join and a window with a short grace: what they give depends on the order of the records. */
function orderSensitive() {
  const builder = new TopologyBuilder('app');
  const rows = builder.table('rows', { name: 'rows', key: string(), value: string() });
  const joined = builder
    .stream('in', { key: string(), value: string() })
    .leftJoin(rows, (value, row) => `${value}+${row ?? 'nothing'}`, { value: string() });
  joined.to('joined');
  joined
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 3 }))
    .reduce((a, b) => `${a},${b}`, { name: 'windows', emit: onClose() })
    .toStream()
    .to('windows');
  return builder.build();
}

const key = fc.constantFrom('a', 'b', 'c', 'd');
const timestamp = fc.nat(60);
const record = fc.record({ key, value: fc.constantFrom('x', 'y', 'z'), timestamp });
const row = fc.record({ key, value: fc.constantFrom('1', '2', null), timestamp });

interface Way {
  readonly workers: number;
  readonly commitIntervalMs: number;
  /** Records per batch of the input. */
  readonly batchSize: number;
  /** Whether a worker starts over in the middle. */
  readonly restarts: boolean;
}

const way: fc.Arbitrary<Way> = fc.record({
  workers: fc.integer({ min: 1, max: 3 }),
  commitIntervalMs: fc.constantFrom(1, 20, 5_000),
  batchSize: fc.constantFrom(1, 3, 100),
  restarts: fc.boolean(),
});

const plain: Way = { workers: 1, commitIntervalMs: 100, batchSize: 100, restarts: false };

type Sent = { readonly key: string; readonly value: string | null; readonly timestamp: number };

async function outputs(rows: readonly Sent[], records: readonly Sent[], chosen: Way) {
  const { workers, commitIntervalMs, batchSize, restarts } = chosen;
  const workshop = new Workshop({ partitions: 3 });
  await workshop.feed('rows', rows);
  for (let from = 0; from < records.length; from += batchSize) {
    await workshop.feed('in', records.slice(from, from + batchSize));
  }
  const options = { commitInterval: commitIntervalMs, maxTaskIdle: 'forever' } as const;
  const running = [];
  for (let count = 0; count < workers; count += 1) {
    running.push(await workshop.start(orderSensitive(), options));
    if (restarts) await workshop.runtime.advance(25);
  }
  if (restarts) {
    const [first] = running.splice(0, 1);
    await workshop.until(first?.close() ?? Promise.resolve());
    running.push(await workshop.start(orderSensitive(), options));
  }
  // Until all tasks have moved to where they stay.
  await workshop.runtime.advance(1_000);
  for (const worker of running) await workshop.until(worker.caughtUp());
  return [await workshop.read('joined'), await workshop.read('windows')];
}

it('output does not depend on workers, commit intervals, batches or restarts', async () => {
  const law = fc.asyncProperty(
    fc.array(row, { maxLength: 8 }),
    fc.array(record, { maxLength: 30 }),
    way,
    async (rows, records, chosen) => {
      const expected = await outputs(rows, records, plain);
      expect(await outputs(rows, records, chosen)).toEqual(expected);
    },
  );
  await fc.assert(law, propertyOptions(60));
});
