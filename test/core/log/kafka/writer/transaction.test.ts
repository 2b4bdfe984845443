import { describe, expect, it } from 'vitest';
import { addOffsetsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-partitions-to-txn.ts';
import { endTxn } from '../../../../../src/core/log/kafka/wire/messages/end-txn.ts';
import { initProducerId } from '../../../../../src/core/log/kafka/wire/messages/init-producer-id.ts';
import { produce } from '../../../../../src/core/log/kafka/wire/messages/produce.ts';
import { txnOffsetCommit } from '../../../../../src/core/log/kafka/wire/messages/txn-offset-commit.ts';
import type { Writer } from '../../../../../src/core/log/port.ts';
import { batchAt } from '../../../../support/log-fixture.ts';
import { GROUP, ID, INITIAL, placesOf, ScriptedProducer } from './scripted-producer.ts';

const out = (partition: number) => ({ topic: 'out', partition });
const offset = { topic: 'in', partition: 2, offset: 100, metadata: 'x' };

/** One whole transaction. */
async function transact(broker: ScriptedProducer, writer: Writer): Promise<void> {
  await broker.run(writer.produce([batchAt(out(0), 'a=1', 'b=2')]));
  await broker.run(writer.sendOffsets([offset], GROUP));
  await broker.run(writer.commit());
}

describe('A transaction', () => {
  it('adds partitions before it produces, offsets last before its end', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    await transact(broker, writer);
    const steps = ['InitProducerId', 'AddPartitionsToTxn', 'Produce', 'AddOffsetsToTxn'];
    expect(broker.takeNames()).toEqual([...steps, 'TxnOffsetCommit', 'EndTxn']);
  });

  it('adds the group while records are appended, once a worker has committed', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    await transact(broker, writer);
    broker.takeRequests();
    broker.next(produce, 'never');
    const producing = writer.produce([batchAt(out(0), 'c=3')]);
    producing.catch(() => undefined);
    await broker.runtime.advance(1);
    expect(broker.takeNames()).toEqual(['AddPartitionsToTxn', 'Produce', 'AddOffsetsToTxn']);
  });

  it('adds all partitions of a call in one request, and each of them once', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    await broker.run(writer.produce([batchAt(out(0), 'a=1'), batchAt(out(1), 'a=1')]));
    await broker.run(writer.produce([batchAt(out(1), 'b=1'), batchAt(out(2), 'b=1')]));
    await broker.run(writer.produce([batchAt(out(0), 'c=1')]));
    const added = broker.sent(addPartitionsToTxn).map(placesOf);
    expect(added).toEqual([['out-0', 'out-1'], ['out-2']]);
  });

  it('takes over the transactional id when it opens, whoever had it', async () => {
    const broker = new ScriptedProducer();
    await broker.open();
    const [request] = broker.sent(initProducerId);
    const asked = { transactionalId: ID, timeoutMs: 30_000, producerId: -1, producerEpoch: -1 };
    expect(request).toEqual(asked);
  });

  it('without anything in it is neither committed nor aborted', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    await broker.run(writer.commit());
    await broker.run(writer.abort());
    expect(await broker.run(writer.produce([]))).toEqual([]);
    await transact(broker, writer);
    await broker.run(writer.commit());
    await broker.run(writer.abort());
    expect(broker.sent(endTxn)).toHaveLength(1);
  });

  it('after an abort is followed by the next one, with the same producer', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    await broker.run(writer.produce([batchAt(out(0), 'a=1', 'b=2')]));
    await broker.run(writer.abort());
    await transact(broker, writer);
    expect(broker.sent(endTxn).map(({ commits }) => commits)).toEqual([false, true]);
    expect(broker.batches.map(({ baseSequence }) => baseSequence)).toEqual([0, 2]);
  });

  it('K11: carries generation and member id with its offsets', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    await transact(broker, writer);
    expect(broker.sent(txnOffsetCommit)).toEqual([
      {
        ...{ transactionalId: ID, ...INITIAL, ...GROUP, instanceId: null },
        topics: [
          {
            topic: 'in',
            partitions: [{ partition: 2, offset: 100, leaderEpoch: -1, metadata: 'x' }],
          },
        ],
      },
    ]);
  });

  it('K29: is begun again after milliseconds while the one before is being ended', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    await transact(broker, writer);
    broker.next(addPartitionsToTxn, 51, 51).next(addOffsetsToTxn, 51);
    const startMs = broker.runtime.clock.monotonicTimeMs();
    await transact(broker, writer);
    expect(broker.runtime.clock.monotonicTimeMs() - startMs).toBe(3 + 5 + 3);
    expect(broker.batches).toHaveLength(2);
  });

  it('opens once the one before is ended: 51 after 5, 10, 20 ms', async () => {
    const broker = new ScriptedProducer().next(initProducerId, 51, 51, 51);
    await broker.open();
    expect(broker.runtime.clock.monotonicTimeMs()).toBe(5 + 10 + 20);
  });

  it('is not committed while a batch is on its way', async () => {
    const broker = new ScriptedProducer().next(produce, 'never');
    const writer = await broker.open();
    void writer.produce([batchAt(out(0), 'a=1')]);
    await broker.runtime.advance(1);
    await expect(writer.commit()).rejects.toMatchObject({ code: 'INVARIANT' });
  });
});

const steps = {
  InitProducerId: initProducerId,
  AddPartitionsToTxn: addPartitionsToTxn,
  AddOffsetsToTxn: addOffsetsToTxn,
  TxnOffsetCommit: txnOffsetCommit,
  EndTxn: endTxn,
};
type Step = keyof typeof steps;
const stepNames = Object.keys(steps) as Step[]; // of the literal above

describe.each(stepNames)('%s', (step) => {
  const api = steps[step];

  it.each([14, 15, 16, 51, 'unreachable'] as const)(
    'goes to the coordinator of the moment after %s, which left nothing done',
    async (outcome) => {
      const broker = new ScriptedProducer().next(api, outcome, outcome);
      await transact(broker, await broker.open());
      const names = broker.takeNames();
      expect(names.filter((name) => name === step)).toHaveLength(3);
      const hasMoved = outcome !== 14 && outcome !== 51;
      expect(broker.connections.forgotten.length > 0).toBe(hasMoved);
    },
  );

  it('gives up when the cluster does not come to rest', async () => {
    const broker = new ScriptedProducer().next(api, ...Array<number>(10_000).fill(16));
    const attempt = (async () => transact(broker, await broker.open()))();
    await expect(attempt).rejects.toMatchObject({ errorClass: 'retriable' });
    expect(broker.runtime.clock.monotonicTimeMs()).toBeLessThan(31_000);
  });
});

interface Refusal {
  readonly step: Step;
  readonly codes: readonly number[];
  readonly errorClass: string;
  readonly code: string;
}

const refusals: readonly Refusal[] = [
  ...stepNames.map(
    (step) =>
      ({ step, codes: [47, 90, 49], errorClass: 'fenced', code: 'PRODUCER_FENCED' }) as const,
  ),
  { step: 'InitProducerId', codes: [50], errorClass: 'fatal', code: 'BAD_OPTION' },
  { step: 'InitProducerId', codes: [53], errorClass: 'fatal', code: 'NOT_AUTHORIZED' },
  { step: 'AddPartitionsToTxn', codes: [29], errorClass: 'fatal', code: 'NOT_AUTHORIZED' },
  { step: 'AddPartitionsToTxn', codes: [3], errorClass: 'fatal', code: 'TOPIC_MISSING' },
  { step: 'TxnOffsetCommit', codes: [22, 27], errorClass: 'fenced', code: 'STALE_GENERATION' },
  { step: 'TxnOffsetCommit', codes: [25], errorClass: 'fenced', code: 'UNKNOWN_MEMBER' },
  { step: 'TxnOffsetCommit', codes: [82], errorClass: 'fatal', code: 'INSTANCE_FENCED' },
  { step: 'TxnOffsetCommit', codes: [12], errorClass: 'fatal', code: 'RECORD_TOO_LARGE' },
  { step: 'AddOffsetsToTxn', codes: [30], errorClass: 'fatal', code: 'NOT_AUTHORIZED' },
  {
    step: 'EndTxn',
    codes: [48, 52, 120],
    errorClass: 'abort-and-reinitialise',
    code: 'TRANSACTION_STATE',
  },
];
const rows = refusals.flatMap(({ codes, ...row }) =>
  codes.map((errorCode) => ({ ...row, errorCode })),
);

describe('A refusal', () => {
  it.each(rows)('of $step with $errorCode is $errorClass: $code', async (row) => {
    const { step, errorCode, errorClass, code } = row;
    const broker = new ScriptedProducer().next(
      steps[step],
      ...Array<number>(10_000).fill(errorCode),
    );
    const attempt = (async () => transact(broker, await broker.open()))();
    await expect(attempt).rejects.toMatchObject({ errorClass, code });
  });

  it('that names a topic or the like says which right is missing', async () => {
    const broker = new ScriptedProducer().next(addPartitionsToTxn, 29);
    const writer = await broker.open();
    const error = await broker.rejection(writer.produce([batchAt(out(3), 'a=1')]));
    expect(error.where).toEqual(out(3));
    expect(error.message).toContain("Topic 'out', partition 3");
    expect(error.message).toContain("Grant 'Write'");
  });

  it('of one partition is reported, not those that were left for its sake', async () => {
    const broker = new ScriptedProducer();
    const writer = await broker.open();
    broker.connections.on(addPartitionsToTxn, () => ({
      throttleMs: 0,
      topics: [
        { topic: 'out', partitions: [{ partition: 0, errorCode: 55 }] },
        { topic: 'secret', partitions: [{ partition: 0, errorCode: 29 }] },
      ],
    }));
    const batches = [batchAt(out(0), 'a=1'), batchAt({ topic: 'secret', partition: 0 }, 'a=1')];
    const error = await broker.rejection(writer.produce(batches));
    expect(error.where.topic).toBe('secret');
  });

  it('K13: with an unknown number names it, and the producer is made anew', async () => {
    const broker = new ScriptedProducer().next(addPartitionsToTxn, 4711);
    const writer = await broker.open();
    const error = await broker.rejection(writer.produce([batchAt(out(0), 'a=1')]));
    expect(error).toMatchObject({ errorClass: 'abort-and-reinitialise', code: 'BROKER_ERROR' });
    expect(error.message).toContain('4711');
  });

  it('closes the connections of a writer that could not be opened', async () => {
    const broker = new ScriptedProducer().next(initProducerId, 50);
    await expect(broker.open()).rejects.toMatchObject({ code: 'BAD_OPTION' });
    expect(broker.isClosed).toBe(true);
  });
});
