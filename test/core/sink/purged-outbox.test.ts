import { expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../../src/index.ts';
import { RememberingTable, type Through } from '../../support/remembering-table.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

const words = { key: string(), value: string() };

it('a delivery is taken over from where its outbox was purged to', async () => {
  const workshop = new Workshop();
  const table = new RememberingTable('position');
  let isDown = false;
  const through: Through = async (request, run) => {
    if (request === 'apply' && isDown) throw new Error('down');
    return run();
  };
  const builder = new TopologyBuilder('app');
  builder.stream('words', words).toSink(table.sink({ batches: { maxDelay: '1s' } }, through));
  const topology = builder.build();
  const process = workshop.runtime.createProcess();
  await workshop.start(topology, { process, commitInterval: '100ms' });
  await workshop.feed('words', textRecords(['k=one']));
  await workshop.runtime.advance(60_000);
  const outbox = { topic: 'app-rows-outbox', partition: 0 };
  const [purged] = await workshop.log.admin.ends([outbox]);
  expect(purged?.logStartOffset).toBe(purged?.logEndOffset);
  isDown = true;
  await workshop.feed('words', textRecords(['k=two']));
  await workshop.runtime.advance(5_000);
  process.suspend();
  isDown = false;
  const second = await workshop.start(topology);
  await workshop.until(second.caughtUp());
  expect(table.rows).toEqual(['one', 'two']);
  await workshop.until(second.close());
});
