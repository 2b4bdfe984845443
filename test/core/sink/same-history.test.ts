import { afterEach, describe, expect, it } from 'vitest';
import { checksumOf, type DeliveryRow, type Plan } from '../../../src/core/sink/delivery-row.ts';
import { checkOutbox, checkPosition, checkRows } from '../../../src/core/sink/same-history.ts';
import {
  embedded,
  type EmbeddedLog,
  memoryBackend,
  produce,
  run,
  string,
  TopologyBuilder,
} from '../../../src/index.ts';
import { RememberingTable } from '../../support/remembering-table.ts';
import { thrownBy } from '../../support/thrown.ts';

const where = { node: 'rows', partition: 3 };
const site = { sink: 'rows', where };
const rows = ['a', 'b'].map((text) => ({ value: Buffer.from(text) }));
const plan: Plan = { seq: 7, from: 10, to: 15, rows: 2, crc32c: checksumOf(rows), isSkip: false };
const left: DeliveryRow = {
  commitNumber: 9,
  source: 's',
  epoch: 1,
  plan,
  isApplied: false,
  position: 10,
};

describe('an owner that takes over', () => {
  it('needs an outbox that has all that is not delivered, and the whole last plan', () => {
    const check = (logStartOffset: number, logEndOffset: number) => () =>
      checkOutbox(left, { logStartOffset, logEndOffset, lastStableOffset: logEndOffset }, site);
    expect(check(10, 15)).not.toThrow();
    for (const lost of [check(11, 15), check(0, 14), check(0, 0)]) {
      expect(thrownBy(lost)).toMatchObject({ code: 'SINK_OUTBOX_LOST', where });
    }
  });

  it('needs the rows of the last plan as they were, and as many', () => {
    expect(() => checkRows(plan, rows, site)).not.toThrow();
    const others = [rows.slice(1), [...rows, ...rows], rows.toReversed()];
    for (const own of others) {
      const error = thrownBy(() => checkRows(plan, own, site));
      expect(error).toMatchObject({ code: 'SINK_PLAN_MISMATCH', where });
    }
  });

  it('finds the system behind the last plan, or before it unless that is applied', () => {
    const applied = { ...left, isApplied: true };
    const fresh = { ...left, plan: null, isApplied: true };
    const check = (row: DeliveryRow, next: number) => () => checkPosition(row, { next }, site);
    for (const same of [check(left, 15), check(left, 10), check(applied, 15), check(fresh, 0)]) {
      expect(same).not.toThrow();
    }
    const others = [check(left, 0), check(left, 12), check(applied, 10), check(fresh, 1)];
    for (const other of others) {
      expect(thrownBy(other)).toMatchObject({ code: 'SINK_ROLLED_BACK', where });
    }
  });
});

const logs: EmbeddedLog[] = [];
afterEach(async () => {
  for (const log of logs.splice(0)) await log.close();
});

describe('a worker does not deliver', () => {
  it.each([
    ['from an outbox that was made anew', 'app-rows-outbox'],
    ['where the progress of its delivery was deleted', 'app-rows-outbox-progress'],
  ])('%s', async (_, topic) => {
    const log = embedded({ partitions: 1 });
    logs.push(log);
    const words = { key: string(), value: string() };
    await produce(log, 'words', words, [{ key: 'k', value: 'word', timestamp: 0 }]);
    const table = new RememberingTable('token');
    const builder = new TopologyBuilder('app');
    builder.stream('words', words).toSink(table.sink({ batches: { maxDelay: '10ms' } }));
    const topology = builder.build();
    const first = await run(topology, { log, state: memoryBackend() });
    await first.caughtUp();
    await first.close();
    expect(table.rows).toEqual(['word']);
    await log.admin.deleteTopics([topic]);
    const second = await run(topology, { log, state: memoryBackend() });
    await expect(second.finished).rejects.toMatchObject({ code: 'SINK_OUTBOX_LOST' });
  });
});
