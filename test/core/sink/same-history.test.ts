import { afterEach, describe, expect, it } from 'vitest';
import {
  checksumOf,
  decodeDelivery,
  type DeliveryRow,
  encodeDelivery,
  type Plan,
} from '../../../src/core/sink/delivery-row.ts';
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
  outboxId: 'first',
  epoch: 1,
  plan,
  isApplied: false,
  position: 10,
};

describe('an owner that takes over', () => {
  it('needs an outbox that has all that is not delivered, and the whole last plan', () => {
    const check = (logStartOffset: number, logEndOffset: number) => () => {
      const ends = { logStartOffset, logEndOffset, lastStableOffset: logEndOffset };
      checkOutbox(left, { ends, id: 'first' }, site);
    };
    expect(check(10, 15)).not.toThrow();
    for (const lost of [check(11, 15), check(0, 14), check(0, 0)]) {
      expect(thrownBy(lost)).toMatchObject({ code: 'SINK_OUTBOX_LOST', where });
    }
  });

  it('needs the topic that was delivered from, as far as log and row tell which that is', () => {
    const ends = { logStartOffset: 0, lastStableOffset: 99, logEndOffset: 99 };
    const check = (row: DeliveryRow, id: string | null) => () =>
      checkOutbox(row, { ends, id }, site);
    const { outboxId, ...earlier } = left;
    const read = decodeDelivery(Buffer.from(JSON.stringify({ format: 1, ...earlier })));
    expect(read).toEqual({ ...left, outboxId: null });
    expect(decodeDelivery(Buffer.from(encodeDelivery(left)))).toEqual(left);
    for (const same of [check(left, outboxId), check(left, null), check(read, 'second')]) {
      expect(same).not.toThrow();
    }
    expect(thrownBy(check(left, 'second'))).toMatchObject({ code: 'SINK_OUTBOX_LOST', where });
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
  const words = { key: string(), value: string() };
  const outbox = 'app-rows-outbox';

  /** Of one row that was delivered by a worker before. */
  async function delivered() {
    const log = embedded({ partitions: 1 });
    logs.push(log);
    await produce(log, 'words', words, [{ key: 'k', value: 'word', timestamp: 0 }]);
    const table = new RememberingTable('token');
    const builder = new TopologyBuilder('app');
    builder.stream('words', words).toSink(table.sink({ batches: { maxDelay: '10ms' } }));
    const topology = builder.build();
    const first = await run(topology, { log, state: memoryBackend() });
    await first.caughtUp();
    await first.close();
    expect(table.rows).toEqual(['word']);
    const again = () => run(topology, { log, state: memoryBackend() });
    return { log, table, again };
  }

  it.each([
    ['from an outbox that was made anew', outbox],
    ['where the progress of its delivery was deleted', `${outbox}-progress`],
  ])('%s', async (_, topic) => {
    const { log, again } = await delivered();
    await log.admin.deleteTopics([topic]);
    const second = await again();
    await expect(second.finished).rejects.toMatchObject({ code: 'SINK_OUTBOX_LOST' });
  });

  it('from one that was made anew and has more rows than were delivered', async () => {
    const { log, table, again } = await delivered();
    await log.admin.deleteTopics([outbox]);
    const shape = { topic: outbox, partitions: 1, cleanup: 'delete', settings: {} } as const;
    await log.admin.createTopics([shape]);
    const others = Array.from({ length: 9 }, () => ({ key: 'k', value: 'other', timestamp: 0 }));
    await produce(log, outbox, words, others);
    const second = await again();
    await expect(second.finished).rejects.toMatchObject({ code: 'SINK_OUTBOX_LOST' });
    expect(table.rows).toEqual(['word']);
  });
});
