import { describe, expect, it } from 'vitest';
import { addOffsetsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-partitions-to-txn.ts';
import { endTxn } from '../../../../../src/core/log/kafka/wire/messages/end-txn.ts';
import { initProducerId } from '../../../../../src/core/log/kafka/wire/messages/init-producer-id.ts';
import { produce } from '../../../../../src/core/log/kafka/wire/messages/produce.ts';
import { txnOffsetCommit } from '../../../../../src/core/log/kafka/wire/messages/txn-offset-commit.ts';
import type { Writer } from '../../../../../src/core/log/port.ts';
import { batchAt } from '../../../../support/log-fixture.ts';
import { GROUP, INITIAL, ScriptedProducer } from './scripted-producer.ts';

const place = { topic: 'out', partition: 0 };
const offset = { topic: 'in', partition: 2, offset: 100, metadata: '' };

async function fill(writer: Writer): Promise<void> {
  await writer.produce([batchAt(place, 'a=1', 'b=2')]);
  await writer.sendOffsets([offset], GROUP);
}

const steps = {
  AddPartitionsToTxn: addPartitionsToTxn,
  Produce: produce,
  AddOffsetsToTxn: addOffsetsToTxn,
  TxnOffsetCommit: txnOffsetCommit,
} as const;
type Step = keyof typeof steps;

describe.each(Object.keys(steps) as Step[])('%s without an answer', (step) => {
  const stopped = async () => {
    const broker = new ScriptedProducer().next(steps[step], 'lost');
    const writer = await broker.open();
    const error = await broker.rejection(fill(writer));
    return { broker, writer, error };
  };

  it('is not sent again: nobody knows whether it will be carried out', async () => {
    const { broker, error } = await stopped();
    expect(error).toMatchObject({
      errorClass: 'abort-and-reinitialise',
      code: 'REQUEST_TIMED_OUT',
    });
    expect(broker.takeNames().filter((name) => name === step)).toHaveLength(1);
  });

  it('ends the use of the writer', async () => {
    const { broker, writer } = await stopped();
    broker.takeRequests();
    const later = [
      () => writer.produce([batchAt(place, 'c=3')]),
      () => writer.sendOffsets([offset], GROUP),
      () => writer.commit(),
    ];
    for (const call of later) {
      await expect(call()).rejects.toMatchObject({ code: 'TRANSACTION_STATE' });
    }
    expect(broker.takeNames()).toEqual([]);
  });

  it('is aborted by a new epoch of its own, never by an end that may come too early', async () => {
    const { broker, writer } = await stopped();
    broker.takeRequests();
    await broker.run(writer.abort());
    expect(broker.sent(endTxn)).toEqual([]);
    expect(broker.sent(initProducerId)).toMatchObject([INITIAL]);
  });

  it('needs no new epoch when a successor has one, whose transaction it would abort', async () => {
    const { broker, writer } = await stopped();
    broker.takeRequests();
    broker.next(addPartitionsToTxn, 90).next(addOffsetsToTxn, 90);
    await broker.run(writer.abort());
    expect(broker.takeNames()).toHaveLength(1);
    expect(broker.sent(initProducerId)).toEqual([]);
  });

  it('needs no abort when another producer has the id by then', async () => {
    const { broker, writer } = await stopped();
    broker.next(initProducerId, 51, 90);
    await broker.run(writer.abort());
    expect(broker.sent(endTxn)).toEqual([]);
  });
});

describe.each(Object.keys(steps) as Step[])('%s refused', (step) => {
  it('is aborted at once by the end of the transaction', async () => {
    const broker = new ScriptedProducer().next(steps[step], 53);
    const writer = await broker.open();
    await broker.rejection(fill(writer));
    await expect(writer.commit()).rejects.toMatchObject({ code: 'TRANSACTION_STATE' });
    await broker.run(writer.abort());
    expect(broker.sent(endTxn)).toMatchObject([{ ...INITIAL, commits: false }]);
    expect(broker.sent(initProducerId)).toHaveLength(1);
  });
});

describe('An abort', () => {
  it('of a transaction that the coordinator never began is done', async () => {
    const broker = new ScriptedProducer().next(addPartitionsToTxn, 53).next(endTxn, 48);
    const writer = await broker.open();
    await broker.rejection(fill(writer));
    await broker.run(writer.abort());
  });

  it('while a batch is on its way is a new epoch, which refuses the batch', async () => {
    const broker = new ScriptedProducer().next(produce, 'never');
    const writer = await broker.open();
    void writer.produce([batchAt(place, 'a=1')]);
    await broker.runtime.advance(1);
    await broker.run(writer.abort());
    const names = broker.takeNames().slice(-3);
    expect(names).toEqual(['Produce', 'AddPartitionsToTxn', 'InitProducerId']);
  });

  it('of a fenced producer is refused and ends nothing', async () => {
    const broker = new ScriptedProducer().next(produce, 47).next(endTxn, 90);
    const writer = await broker.open();
    await broker.rejection(fill(writer));
    await expect(broker.run(writer.abort())).rejects.toMatchObject({ code: 'PRODUCER_FENCED' });
  });
});

describe('K10: an end of a transaction whose answer is lost', () => {
  it('is repeated until it is decided, and a new epoch follows before anything else', async () => {
    const broker = new ScriptedProducer().next(endTxn, 'lost', 'unreachable', 16, 51, 0);
    const writer = await broker.open();
    await broker.run(fill(writer));
    broker.takeRequests();
    await broker.run(writer.commit());
    const requests = broker.takeRequests();
    const ends = Array<string>(5).fill('EndTxn');
    expect(requests.map(({ api }) => api)).toEqual([...ends, 'InitProducerId']);
    expect(requests.at(-1)?.request).toMatchObject(INITIAL);
  });

  it('leaves a writer that goes on with the new epoch, its sequences from 0', async () => {
    const broker = new ScriptedProducer().next(endTxn, 'lost');
    const writer = await broker.open();
    await broker.run(fill(writer));
    await broker.run(writer.commit());
    await broker.run(fill(writer));
    await broker.run(writer.commit());
    expect(broker.batches).toMatchObject([
      { producerEpoch: INITIAL.producerEpoch, baseSequence: 0 },
      { producerEpoch: INITIAL.producerEpoch + 1, baseSequence: 0 },
    ]);
    expect(broker.sent(endTxn).at(-1)?.producerEpoch).toBe(INITIAL.producerEpoch + 1);
    expect(broker.sent(addPartitionsToTxn)).toHaveLength(2);
  });

  it.each([90, 53, 4711])(
    'is committed though no new epoch is given (%i), but the writer is used no more',
    async (errorCode) => {
      const broker = new ScriptedProducer();
      const writer = await broker.open();
      await broker.run(fill(writer));
      broker.next(endTxn, 'lost').next(initProducerId, errorCode);
      await broker.run(writer.commit());
      const later = writer.produce([batchAt(place, 'c=3')]);
      await expect(later).rejects.toMatchObject({ code: 'TRANSACTION_STATE' });
      broker.takeRequests();
      await broker.run(writer.abort());
      expect(broker.takeNames()).toEqual([]);
    },
  );

  it.each([
    [48, 'TRANSACTION_STATE'],
    [90, 'PRODUCER_FENCED'],
  ] as const)('is left to be read back when the repetition says %i', async (errorCode, code) => {
    const broker = new ScriptedProducer().next(endTxn, 'lost', errorCode);
    const writer = await broker.open();
    await broker.run(fill(writer));
    await expect(broker.run(writer.commit())).rejects.toMatchObject({ code });
    broker.takeRequests();
    await broker.run(writer.abort());
    expect(broker.takeNames()).toEqual(['AddOffsetsToTxn', 'InitProducerId']);
  });

  it('stays in doubt when no answer ever comes', async () => {
    const broker = new ScriptedProducer().next(endTxn, ...Array<'lost'>(10_000).fill('lost'));
    const writer = await broker.open();
    await broker.run(fill(writer));
    await expect(broker.run(writer.commit())).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
    broker.takeRequests();
    await broker.run(writer.abort());
    expect(broker.takeNames()).toEqual(['AddOffsetsToTxn', 'InitProducerId']);
  });
});

describe('A closed writer', () => {
  it('closes its connections and takes nothing more', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    await writer.close();
    expect(broker.isClosed).toBe(true);
    const calls = [
      () => writer.produce([batchAt(place, 'a=1')]),
      () => writer.sendOffsets([offset], GROUP),
      () => writer.commit(),
      () => writer.abort(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  });
});
