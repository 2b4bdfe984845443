import { afterAll, describe, expect, it } from 'vitest';
import { kafka } from '../../src/core/log/kafka/kafka.ts';
import { ALL_BYTES, batchAt, builderOf, drain, openWriter } from '../support/log-fixture.ts';
import { eachKafka, uniqueName } from './support/each-kafka.ts';
import { freePorts } from './support/free-ports.ts';
import { hurriedRuntime } from './support/hurried-runtime.ts';
import { newTopic } from './support/new-topic.ts';

describe('A wrong address', () => {
  it('where nobody listens is named, as something that may pass', async () => {
    const [port = 0] = await freePorts(1);
    const log = kafka({ brokers: [`127.0.0.1:${port}`], runtime: hurriedRuntime });
    await expect(log.admin.describeTopics(['in'])).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      errorClass: 'retriable',
      message: expect.stringMatching(`127.0.0.1:${port}.*ECONNREFUSED`) as string, // a matcher
    });
    await log.close();
  });

  it('of a host that does not exist is named', async () => {
    const log = kafka({ brokers: ['kafka.invalid:9092'], runtime: hurriedRuntime });
    await expect(log.admin.describeTopics(['in'])).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      message: expect.stringContaining('kafka.invalid:9092') as string, // a matcher
    });
    await log.close();
  });

  it.each(['localhost', 'localhost:port', ''])('such as %j is refused at once', (address) => {
    expect(() => kafka({ brokers: [address] })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    );
  });
});

eachKafka('Bad input', ({ brokers }) => {
  const log = kafka({ brokers, runtime: hurriedRuntime });
  afterAll(() => log.close());

  const produced = async (...batches: Parameters<typeof batchAt>) => {
    const writer = await openWriter(log, null);
    return writer.produce([batchAt(...batches)]);
  };

  it('a topic that is missing is named to whoever asks for it', async () => {
    const place = { topic: uniqueName('missing'), partition: 0 };
    const where = { topic: place.topic };
    const named = { code: 'TOPIC_MISSING', errorClass: 'fatal', where };
    await expect(log.admin.ends([place])).rejects.toMatchObject(named);
    await expect(produced(place, 'a=1')).rejects.toMatchObject(named);
    const reader = log.openReader({ isolation: 'read-committed' });
    // It may be new, and not known to all brokers: empty answers come first.
    const reading = async (): Promise<never> => {
      for (;;) await reader.fetch([{ ...place, offset: 0 }], { ...ALL_BYTES, maxWaitMs: 20 });
    };
    await expect(reading()).rejects.toMatchObject(named);
    await reader.close();
  });

  it('a batch above the limit of its topic is refused for good, with its place', async () => {
    const place = await newTopic(log, { 'max.message.bytes': '100' });
    await expect(produced(place, `a=${'x'.repeat(101)}`)).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      errorClass: 'fatal',
      where: place,
    });
  });

  it('a timestamp that the topic does not take is refused for good', async () => {
    const place = await newTopic(log, { 'message.timestamp.after.max.ms': '1000' });
    const batch = builderOf(['a=1'], Date.now() + 3_600_000);
    const writer = await openWriter(log, null);
    await expect(writer.produce([{ ...place, batch }])).rejects.toMatchObject({
      code: 'TIMESTAMP_REFUSED',
      errorClass: 'fatal',
      where: place,
    });
  });

  it('an old timestamp is taken and kept where the topic keeps all', async () => {
    const place = await newTopic(log, { 'retention.ms': '-1' });
    await produced(place, 'a=1');
    const reader = log.openReader({ isolation: 'read-committed' });
    expect(await drain(reader, place)).toMatchObject({ records: ['0:a=1'] });
    await reader.close();
  });
});
