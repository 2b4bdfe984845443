import { expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../../src/index.ts';
import { type Logger, silentLogger } from '../../../src/core/runtime/logger.ts';
import { outboxTopic } from '../../../src/core/topology/names.ts';
import { RememberingTable, type Through } from '../../support/remembering-table.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

const words = { key: string(), value: string() };
const hundred = (from: number) =>
  textRecords(Array.from({ length: 100 }, (_, index) => `k=row-${from + index}`));

function listening() {
  const warnings: string[] = [];
  const infos: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    info: (said) => void infos.push(said),
    warn: (said) => void warnings.push(said),
  };
  return { logger, warnings, infos };
}

it('a task whose rows are not delivered takes no records until half of them are', async () => {
  const workshop = new Workshop();
  const table = new RememberingTable('token');
  let isDown = true;
  const through: Through = async (request, run) => {
    await workshop.runtime.scheduler.sleep(1);
    if (request === 'apply' && isDown) throw new Error('down');
    return run();
  };
  const builder = new TopologyBuilder('app');
  const batches = { maxRows: 10, maxDelay: '10ms', maxWaitingRows: 150 } as const;
  builder.stream('words', words).toSink(table.sink({ batches }, through));
  const { logger, warnings } = listening();
  const worker = await workshop.start(builder.build(), { logger });
  const outbox = outboxTopic('app', 'rows');
  for (let from = 0; from < 1_000; from += 100) {
    await workshop.feed('words', hundred(from));
    await workshop.runtime.advance(5_000);
  }
  // One more may come between two looks.
  expect((await workshop.read(outbox)).length).toBeLessThanOrEqual(300);
  expect(warnings.filter((text) => text.includes('takes no records'))).toHaveLength(1);
  isDown = false;
  await workshop.runtime.advance(120_000);
  expect(table.rows).toHaveLength(1_000);
  await workshop.until(worker.close());
});

it('a task that one of two sinks holds back is told of once', async () => {
  const workshop = new Workshop();
  const batches = { maxRows: 10, maxDelay: '10ms', maxWaitingRows: 50 } as const;
  const broken: Through = () => Promise.reject(new Error('down'));
  const builder = new TopologyBuilder('app');
  const rows = builder.stream('words', words);
  rows.toSink(new RememberingTable('token').sink({ name: 'broken', batches }, broken));
  rows.toSink(new RememberingTable('token').sink({ name: 'sound', batches }));
  const { logger, warnings, infos } = listening();
  const worker = await workshop.start(builder.build(), { logger });
  await workshop.feed('words', hundred(0));
  await workshop.runtime.advance(30_000);
  const held = warnings.filter((text) => text.includes('takes no records'));
  expect(held).toEqual([expect.stringContaining("wait for the sink 'broken'")]);
  expect(infos.filter((text) => text.includes("'sound'"))).toEqual([]);
  await workshop.until(worker.close());
});
