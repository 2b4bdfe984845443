import { expect, it } from 'vitest';
import { string, TopologyBuilder, type Worker } from '../../../src/index.ts';
import { RememberingTable, type Through } from '../../support/remembering-table.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

const words = { key: string(), value: string() };

function waitingMs(worker: Worker): number | null {
  const [delivery] = worker.status().tasks.flatMap(({ delivery }) => delivery ?? []);
  return delivery?.oldestWaitingMs ?? null;
}

it('a row waits since it came, not since the delivery took over from another', async () => {
  const workshop = new Workshop();
  const table = new RememberingTable('position');
  let isDown = true;
  const through: Through = async (request, run) => {
    if (request === 'apply' && isDown) throw new Error('down');
    return run();
  };
  const builder = new TopologyBuilder('app');
  builder.stream('words', words).toSink(table.sink({ batches: { maxDelay: '1m' } }, through));
  const topology = builder.build();
  const first = await workshop.start(topology);
  await workshop.feed('words', textRecords(['k=one']));
  await workshop.runtime.advance(120_000);
  await workshop.until(first.close());
  isDown = false;
  const second = await workshop.start(topology);
  await workshop.runtime.advance(120_000);
  expect(table.rows).toEqual(['one']);
  expect(waitingMs(second)).toBeNull();
  await workshop.runtime.advance(3_600_000);
  await workshop.feed('words', textRecords(['k=two']));
  await workshop.runtime.advance(30_000);
  expect(waitingMs(second)).toBeLessThanOrEqual(30_000);
  expect(table.rows).toEqual(['one']);
  await workshop.runtime.advance(60_000);
  expect(table.rows).toEqual(['one', 'two']);
  await workshop.until(second.close());
});
