import { describe, expect, it } from 'vitest';
import { addPartitionsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-partitions-to-txn.ts';
import { offsetCommit } from '../../../../../src/core/log/kafka/wire/messages/offset-commit.ts';
import { produce } from '../../../../../src/core/log/kafka/wire/messages/produce.ts';
import { initProducerId } from '../../../../../src/core/log/kafka/wire/messages/init-producer-id.ts';
import type { PartitionBatch, TopicPartition } from '../../../../../src/core/log/port.ts';
import { batchAt } from '../../../../support/log-fixture.ts';
import { failure, GROUP, placesOf, receipt, ScriptedProducer } from './scripted-producer.ts';

const p0 = { topic: 'out', partition: 0 };
const p1 = { topic: 'out', partition: 1 };
const two = () => [batchAt(p0, 'a=1'), batchAt(p1, 'b=1', 'c=1')];

/** Brokers 1 and 2 lead partitions 0 and 1. */
async function openOnTwo() {
  const broker = new ScriptedProducer();
  const leaders = new Map([
    [0, 1],
    [1, 2],
  ]);
  broker.connections.leader = ({ partition }) => leaders.get(partition) ?? null;
  return { broker, leaders, writer: await broker.open() };
}

/** Where each partition was sent to, in order. */
const sentTo = ({ batches }: ScriptedProducer) =>
  batches.map(({ partition, nodeId }) => `${partition} to ${nodeId}`);

describe('Receipts', () => {
  it('stand in the order asked for, whichever leader answers first', async () => {
    const { broker, writer } = await openOnTwo();
    const receipts = await broker.run(writer.produce(two().reverse()));
    expect(receipts.map(({ partition }) => partition)).toEqual([1, 0]);
    expect(new Set(receipts.map(({ baseOffset }) => baseOffset)).size).toBe(2);
  });

  it('come from one request to each leader, all at the same time', async () => {
    const { broker, writer } = await openOnTwo();
    let waiting = 0;
    let most = 0;
    broker.connections.on(produce, async ({ topics }) => {
      waiting += 1;
      most = Math.max(most, waiting);
      await broker.runtime.scheduler.sleep(10);
      waiting -= 1;
      const partitions = topics[0]?.partitions.map(({ partition }) => receipt(partition, 0, 5));
      return { throttleMs: 0, topics: [{ topic: 'out', partitions: partitions ?? [] }] };
    });
    await broker.run(writer.produce(two()));
    expect(most).toBe(2);
    expect(broker.sent(produce)).toHaveLength(2);
  });

  it.each([
    ['left out', []],
    ['given twice', [receipt(0, 0, 5), receipt(0, 0, 5)]],
    ['without an offset', [receipt(0, 0, -1)]],
    ['of another partition', [receipt(7, 0, 5)]],
  ])('that are %s are none', async (_label, partitions) => {
    const { broker, writer } = await openOnTwo();
    broker.connections.on(produce, () => ({
      throttleMs: 0,
      topics: [{ topic: 'out', partitions }],
    }));
    const error = await broker.rejection(writer.produce([batchAt(p0, 'a=1')]));
    expect(error).toMatchObject({ errorClass: 'abort-and-reinitialise', where: p0 });
    await expect(writer.commit()).rejects.toMatchObject({ code: 'TRANSACTION_STATE' });
  });
});

describe('A batch', () => {
  it.each([3, 5, 6, 19, 56])(
    'that was surely not appended (%i) is sent again as it was',
    async (errorCode) => {
      const { broker, writer } = await openOnTwo();
      broker.next(produce, errorCode, errorCode);
      const [made] = await broker.run(writer.produce([batchAt(p0, 'a=1')]));
      const [first, ...others] = broker.batches.map(({ bytes }) => bytes);
      expect(others).toEqual([first, first]);
      expect(made?.baseOffset).toBe(300);
      expect(broker.connections.forgotten).toEqual(['out', 'out']);
    },
  );

  it('that could not be sent goes out when its leader is there again', async () => {
    const { broker, writer } = await openOnTwo();
    broker.next(produce, 'unreachable', 'unreachable');
    expect(await broker.run(writer.produce([batchAt(p0, 'a=1')]))).toHaveLength(1);
  });

  it('waits for a partition that has no leader', async () => {
    const { broker, leaders, writer } = await openOnTwo();
    leaders.delete(0);
    broker.runtime.scheduler.after(1_000, () => leaders.set(0, 2));
    await broker.run(writer.produce([batchAt(p0, 'a=1')]));
    expect(sentTo(broker)).toEqual(['0 to 2']);
  });

  it('whose leader stays away is given up, and nothing of it was written', async () => {
    const { broker, leaders, writer } = await openOnTwo();
    leaders.delete(0);
    const error = await broker.rejection(writer.produce([batchAt(p0, 'a=1')]));
    expect(error).toMatchObject({ errorClass: 'retriable', where: p0 });
    expect(broker.runtime.clock.monotonicTimeMs()).toBeLessThan(21_000);
  });

  it.each([
    [10, 'fatal', 'RECORD_TOO_LARGE'],
    [18, 'fatal', 'RECORD_TOO_LARGE'],
    [32, 'fatal', 'TIMESTAMP_REFUSED'],
    [87, 'fatal', 'BROKER_ERROR'],
    [29, 'fatal', 'NOT_AUTHORIZED'],
    [2, 'abort-and-reinitialise', 'CORRUPT_BATCH'],
    [7, 'abort-and-reinitialise', 'REQUEST_TIMED_OUT'],
    [13, 'abort-and-reinitialise', 'BROKER_NOT_READY'],
    [20, 'abort-and-reinitialise', 'BROKER_ERROR'],
    [45, 'abort-and-reinitialise', 'OUT_OF_ORDER_SEQUENCE'],
    [48, 'abort-and-reinitialise', 'TRANSACTION_STATE'],
    [59, 'abort-and-reinitialise', 'OUT_OF_ORDER_SEQUENCE'],
    [47, 'fenced', 'PRODUCER_FENCED'],
    [4711, 'abort-and-reinitialise', 'BROKER_ERROR'],
  ] as const)('refused with %i is %s: %s, with its place', async (errorCode, errorClass, code) => {
    const { broker, writer } = await openOnTwo();
    broker.next(produce, errorCode);
    const error = await broker.rejection(writer.produce([batchAt(p0, 'a=1')]));
    expect(error).toMatchObject({ errorClass, code, where: p0 });
    expect(error.message).toContain("Topic 'out', partition 0");
    expect(broker.batches).toHaveLength(1);
  });

  it('K4: goes to a leader that has already answered, if it moves there', async () => {
    const { broker, leaders, writer } = await openOnTwo();
    refuseFrom(broker, 2, () => leaders.set(1, 1));
    const receipts = await broker.run(writer.produce(two()));
    expect(sentTo(broker)).toEqual(['0 to 1', '1 to 2', '1 to 1']);
    expect(receipts.map(({ partition }) => partition)).toEqual([0, 1]);
  });

  it('K5: that was appended is not sent again when its leader moves', async () => {
    const { broker, leaders, writer } = await openOnTwo();
    refuseFrom(broker, 2, () => leaders.set(0, 2).set(1, 1));
    await broker.run(writer.produce(two()));
    expect(sentTo(broker)).toEqual(['0 to 1', '1 to 2', '1 to 1']);
  });

  it('K6: on its way to a slow leader is waited for before another one is repeated', async () => {
    const { broker, writer } = await openOnTwo();
    const order: string[] = [];
    const sent = new Set<number>();
    broker.connections.on(produce, async ({ topics }, nodeId) => {
      const errorCode = nodeId === 2 && !sent.has(2) ? 6 : 0;
      sent.add(nodeId);
      order.push(`asked ${nodeId}`);
      if (nodeId === 1) await broker.runtime.scheduler.sleep(500);
      order.push(`answered ${nodeId}`);
      const partition = topics[0]?.partitions[0]?.partition ?? -1;
      const partitions = [receipt(partition, errorCode, 5)];
      return { throttleMs: 0, topics: [{ topic: 'out', partitions }] };
    });
    await broker.run(writer.produce(two()));
    const once = ['asked 1', 'asked 2', 'answered 2', 'answered 1'];
    expect(order).toEqual([...once, 'asked 2', 'answered 2']);
  });

  it('K6: is not on its way any more when a call rejects', async () => {
    const { broker, writer } = await openOnTwo();
    let isOpen = false;
    broker.connections.on(produce, async (_request, nodeId) => {
      if (nodeId === 2) throw failure('lost');
      isOpen = true;
      await broker.runtime.scheduler.sleep(500);
      isOpen = false;
      return { throttleMs: 0, topics: [{ topic: 'out', partitions: [receipt(0, 0, 5)] }] };
    });
    await broker.rejection(writer.produce(two()));
    expect(isOpen).toBe(false);
  });

  it('K7: takes its sequence once, and no other batch of its partition overtakes it', async () => {
    const { broker, writer } = await openOnTwo();
    broker.next(produce, 6);
    const first = writer.produce([batchAt(p0, 'a=1', 'b=2')]);
    const second = writer.produce([batchAt(p0, 'c=3')]);
    await expect(second).rejects.toMatchObject({ code: 'INVARIANT' });
    await broker.run(first);
    await broker.run(writer.produce([batchAt(p0, 'c=3')]));
    expect(broker.batches.map(({ baseSequence }) => baseSequence)).toEqual([0, 0, 2]);
  });

  it('K7: in doubt is followed by none with a sequence that may be taken', async () => {
    const { broker, writer } = await openOnTwo();
    broker.next(produce, 'lost');
    await broker.rejection(writer.produce([batchAt(p0, 'a=1')]));
    const next = writer.produce([batchAt(p0, 'b=2')]);
    await expect(next).rejects.toMatchObject({ code: 'TRANSACTION_STATE' });
    expect(broker.sent(produce)).toHaveLength(1);
  });

  it('K8: stays with its partition, however often it is sent', async () => {
    const { broker, writer } = await openOnTwo();
    broker.next(produce, 6, 6, 6);
    await broker.run(writer.produce([batchAt(p1, 'a=1')]));
    expect(broker.sent(produce).map(placesOf)).toEqual(Array(4).fill(['out-1']));
  });

  it('K9: after 2^31 - 1 records has the sequence that Kafka expects', async () => {
    const { broker, writer } = await openOnTwo();
    const large = (count: number): PartitionBatch => {
      const { batch } = batchAt(p0, 'a=1');
      Object.defineProperty(batch, 'count', { value: count });
      return { ...p0, batch };
    };
    for (const count of [2 ** 31 - 2, 3, 1]) await broker.run(writer.produce([large(count)]));
    const sequences = broker.batches.map(({ baseSequence }) => baseSequence);
    expect(sequences).toEqual([0, 2 ** 31 - 2, 1]);
  });

  it('counts its sequence for each partition alone', async () => {
    const { broker, writer } = await openOnTwo();
    for (let round = 0; round < 2; round += 1) await broker.run(writer.produce(two()));
    const stamps = broker.batches.map((sent) => [sent.partition, sent.baseSequence]);
    expect(stamps).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 2],
    ]);
  });
});

describe('A producer without transactions', () => {
  const offset = { topic: 'in', partition: 2, offset: 100, metadata: 'x' };

  it('numbers its batches and sends nothing for a transaction', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open(null);
    await broker.run(writer.produce([batchAt(p0, 'a=1')]));
    await broker.run(writer.produce([batchAt(p0, 'b=2')]));
    await broker.run(writer.commit());
    await broker.run(writer.abort());
    expect(broker.sent(initProducerId)).toMatchObject([{ transactionalId: null }]);
    expect(broker.sent(produce)).toMatchObject([{ transactionalId: null }, { acks: -1 }]);
    expect(broker.batches.map(({ baseSequence }) => baseSequence)).toEqual([0, 1]);
    expect(broker.takeNames()).toEqual(['InitProducerId', 'Produce', 'Produce']);
  });

  it('commits offsets at once, as the member of its group', async () => {
    const broker = new ScriptedProducer().next(offsetCommit, 16);
    const writer = await broker.open(null);
    await broker.run(writer.sendOffsets([offset], GROUP));
    expect(broker.sent(offsetCommit)).toMatchObject([GROUP, { ...GROUP, instanceId: null }]);
    expect(broker.connections.forgotten).toEqual(['group app']);
  });

  it('is used no more after a group has refused its generation', async () => {
    const broker = new ScriptedProducer().next(offsetCommit, 22);
    const writer = await broker.open(null);
    const error = await broker.rejection(writer.sendOffsets([offset], GROUP));
    expect(error).toMatchObject({ errorClass: 'fenced', code: 'STALE_GENERATION' });
    expect(error.message).toContain("group 'app'");
    const next = writer.produce([batchAt(p0, 'b=2')]);
    await expect(next).rejects.toMatchObject({ code: 'TRANSACTION_STATE' });
  });

  it('adds no partition to anything', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open(null);
    await broker.run(writer.produce(two()));
    expect(broker.sent(addPartitionsToTxn)).toEqual([]);
  });
});

/** The first request to the broker is refused: it leads no more. */
function refuseFrom(broker: ScriptedProducer, nodeId: number, move: () => void): void {
  const { leader } = broker.connections;
  let hasMoved = false;
  broker.connections.leader = (place: TopicPartition) => {
    if (broker.batches.some((sent) => sent.nodeId === nodeId) && !hasMoved) {
      hasMoved = true;
      move();
    }
    return leader(place);
  };
  broker.next(produce, 0, 6);
}
