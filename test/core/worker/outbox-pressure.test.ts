import { expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../../src/index.ts';
import { outboxTopic } from '../../../src/core/topology/names.ts';
import { RememberingTable, type Through } from '../../support/remembering-table.ts';
import { textRecords } from '../../support/workshop.ts';
import { Workshop } from '../../support/workshop.ts';

const words = { key: string(), value: string() };
const hundred = (from: number) =>
  textRecords(Array.from({ length: 100 }, (_, index) => `k=row-${from + index}`));

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
  const warnings: string[] = [];
  const ignore = () => undefined;
  const logger = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (is: string) => warnings.push(is),
  };
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

it('of two sinks that which is up holds nobody back, and is not told of', async () => {
  const workshop = new Workshop();
  const tables = [new RememberingTable('token'), new RememberingTable('token')];
  const builder = new TopologyBuilder('app');
  const all = builder.stream('words', words);
  const batches = { maxRows: 10, maxDelay: '10ms', maxWaitingRows: 150 } as const;
  for (const [index, table] of tables.entries()) {
    const through: Through = async (request, run) => {
      await workshop.runtime.scheduler.sleep(1);
      if (request === 'apply' && index === 0) throw new Error('down');
      return run();
    };
    all.toSink(table.sink({ name: `sink-${index}`, batches }, through));
  }
  const told: string[] = [];
  const ignore = () => undefined;
  const tell = (is: string) => void told.push(...(/takes .* sink '.*'/.exec(is) ?? []));
  const logger = { debug: ignore, info: tell, error: ignore, warn: tell };
  await workshop.start(builder.build(), { logger });
  for (let from = 0; from < 1_000; from += 100) {
    await workshop.feed('words', hundred(from));
    await workshop.runtime.advance(5_000);
  }
  expect(told).toEqual([expect.stringMatching(/^takes no records: .* 'sink-0'$/)]);
});
