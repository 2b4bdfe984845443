import { expect, it, onTestFinished } from 'vitest';
import type { Connections } from '../../src/core/log/kafka/connections/connections.ts';
import { kafka } from '../../src/core/log/kafka/kafka.ts';
import { openKafkaConnections } from '../../src/core/log/kafka/connections/kafka-connections.ts';
import { openKafkaWriter } from '../../src/core/log/kafka/writer/kafka-writer.ts';
import { endTxn } from '../../src/core/log/kafka/wire/messages/end-txn.ts';
import { produce } from '../../src/core/log/kafka/wire/messages/produce.ts';
import type { Log, TopicPartition, Writer } from '../../src/core/log/port.ts';
import { LogError } from '../../src/core/model/errors.ts';
import { systemRuntime } from '../../src/core/runtime/system-runtime.ts';
import { batchAt, drain, NO_MEMBER } from '../support/log-fixture.ts';
import { eachKafka, type SharedKafka, uniqueName } from './support/each-kafka.ts';

/** What becomes of one request: carried out without an answer, or carried out when told to. */
type Fault = 'answer-lost' | 'delayed';

interface Subject {
  readonly log: Log;
  readonly place: TopicPartition;
  readonly writer: Writer;
  /** Of the next request of this kind. */
  readonly fault: (api: { readonly name: string }, fault: Fault) => void;
  /** Carries out what was delayed. */
  readonly deliver: () => Promise<unknown>;
}

async function subjectOn({ brokers }: SharedKafka): Promise<Subject> {
  const topic = uniqueName('writer');
  const log = kafka({ brokers });
  const real = openKafkaConnections({ brokers, clientId: 'writer-test' });
  const faults = new Map<string, Fault>();
  let deliver = (): Promise<unknown> => Promise.reject(new Error('Nothing was delayed.'));
  const call: Connections['call'] = async (nodeId, api, request, options) => {
    const fault = faults.get(api.name);
    faults.delete(api.name);
    const send = () => real.call(nodeId, api, request, options);
    if (fault === undefined) return send();
    if (fault === 'delayed') deliver = send;
    else await send();
    throw new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'No answer came.');
  };
  const connections = new Proxy(real, {
    get(target, name) {
      if (name === 'call') return call;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member; // as it was
    },
  });
  const shape = { topic, partitions: 1, cleanup: 'delete', settings: {} } as const;
  await log.admin.createTopics([shape]);
  const options = { transactionalId: topic, transactionTimeoutMs: 60_000 };
  const writer = await openKafkaWriter(connections, systemRuntime, options);
  onTestFinished(async () => {
    await writer.close();
    await log.close();
  });
  return {
    log,
    place: { topic, partition: 0 },
    writer,
    fault: (api, fault) => faults.set(api.name, fault),
    deliver: () => deliver(),
  };
}

/** Waits until no transaction is open any more. */
async function committedRecords({ log, place }: Subject): Promise<string[]> {
  for (;;) {
    const [ends] = await log.admin.ends([place]);
    if (ends?.lastStableOffset === ends?.logEndOffset) break;
  }
  const reader = log.openReader({ isolation: 'read-committed' });
  const { records } = await drain(reader, place);
  await reader.close();
  return records.map((record) => record.slice(record.indexOf(':') + 1));
}

eachKafka('Writer', (shared) => {
  it('a commit without an answer is found out, and the next transaction is its own', async () => {
    const subject = await subjectOn(shared);
    const { writer, place, fault } = subject;
    await writer.produce([batchAt(place, 'a=1')]);
    fault(endTxn, 'answer-lost');
    await writer.commit();
    await writer.produce([batchAt(place, 'b=2')]);
    await writer.abort();
    await writer.produce([batchAt(place, 'c=3')]);
    await writer.commit();
    expect(await committedRecords(subject)).toEqual(['a=1', 'c=3']);
  });

  it('a commit that arrives late does not end the next transaction', async () => {
    const subject = await subjectOn(shared);
    const { writer, place, fault, deliver } = subject;
    await writer.produce([batchAt(place, 'a=1')]);
    fault(endTxn, 'delayed');
    await writer.commit();
    await writer.produce([batchAt(place, 'b=2')]);
    expect(await deliver()).toMatchObject({ errorCode: 90 });
    await writer.abort();
    expect(await committedRecords(subject)).toEqual(['a=1']);
  });

  it('an abort in doubt frees the readers at once, and what arrives late is refused', async () => {
    const subject = await subjectOn(shared);
    const { log, writer, place, fault, deliver } = subject;
    await writer.produce([batchAt(place, 'a=1')]);
    await writer.sendOffsets([{ ...place, offset: 7, metadata: '' }], { ...NO_MEMBER });
    fault(produce, 'delayed');
    await expect(writer.produce([batchAt(place, 'b=2')])).rejects.toMatchObject({
      code: 'REQUEST_TIMED_OUT',
    });
    await writer.abort();
    expect(await committedRecords(subject)).toEqual([]);
    const late = await deliver();
    expect(late).toMatchObject({ topics: [{ partitions: [{ errorCode: 47 }] }] });
    const [before] = await log.admin.ends([place]);
    expect(before?.lastStableOffset).toBe(before?.logEndOffset);
  });

  it('an abort in doubt does not disturb a successor with the same id', async () => {
    const subject = await subjectOn(shared);
    const { log, writer, place, fault } = subject;
    fault(produce, 'answer-lost');
    await expect(writer.produce([batchAt(place, 'a=1')])).rejects.toMatchObject({
      code: 'REQUEST_TIMED_OUT',
    });
    const options = { transactionalId: place.topic, transactionTimeoutMs: 60_000 };
    const successor = await log.openWriter(options);
    await successor.produce([batchAt(place, 'b=2')]);
    await writer.abort();
    await successor.commit();
    expect(await committedRecords(subject)).toEqual(['b=2']);
  });

  it('transactions back to back wait for each other', async () => {
    const subject = await subjectOn(shared);
    const { writer, place, log } = subject;
    const group = { ...NO_MEMBER, group: place.topic };
    for (let round = 0; round < 20; round += 1) {
      await writer.produce([batchAt(place, `k=${round}`)]);
      await writer.sendOffsets([{ ...place, offset: round, metadata: `${round}` }], group);
      await writer.commit();
    }
    expect(await committedRecords(subject)).toHaveLength(20);
    const committed = await log.admin.committedOffsets(group.group, [place]);
    expect(committed).toEqual([{ offset: 19, metadata: '19' }]);
  });
});
