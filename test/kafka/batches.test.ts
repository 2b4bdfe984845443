import { afterAll, expect, it } from 'vitest';
import { kafka } from '../../src/core/log/kafka/kafka.ts';
import { crc32c } from '../../src/core/log/record-batch/crc32c.ts';
import type { RecordBatchBuilder } from '../../src/core/log/record-batch/record-batch-builder.ts';
import { batchAt, builderOf, drain, openWriter } from '../support/log-fixture.ts';
import { eachKafka } from './support/each-kafka.ts';
import { newTopic } from './support/new-topic.ts';

const crcAt = 17;
const attributesAt = 21;

eachKafka('Batches', ({ brokers }) => {
  const log = kafka({ brokers });
  afterAll(() => log.close());

  it('a batch that was damaged on its way is refused, and nothing of it is kept', async () => {
    const place = await newTopic(log);
    const batch = altered(builderOf(['a=1']), (bytes) => {
      bytes.writeUInt32BE((bytes.readUInt32BE(crcAt) ^ 1) >>> 0, crcAt);
    });
    const writer = await openWriter(log, null);
    await expect(writer.produce([{ ...place, batch }])).rejects.toMatchObject({
      code: 'CORRUPT_BATCH',
      errorClass: 'abort-and-reinitialise',
    });
    expect((await log.admin.ends([place]))[0]?.logEndOffset).toBe(0);
  });

  it('a batch of an unknown codec gets no further than the broker', async () => {
    const place = await newTopic(log);
    const batch = altered(builderOf(['a=1']), (bytes) => {
      bytes.writeInt16BE(7, attributesAt);
      bytes.writeUInt32BE(crc32c(bytes.subarray(attributesAt)), crcAt);
    });
    const writer = await openWriter(log, null);
    await expect(writer.produce([{ ...place, batch }])).rejects.toMatchObject({ name: 'LogError' });
    expect((await log.admin.ends([place]))[0]?.logEndOffset).toBe(0);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'a topic compressed with %s is read',
    async (codec) => {
      const place = await newTopic(log, { 'compression.type': codec });
      const records = Array.from({ length: 200 }, (_, index) => `key-${index}=value ${index}`);
      const writer = await openWriter(log, null);
      await writer.produce([batchAt(place, ...records)]);
      const reader = log.openReader({ isolation: 'read-committed' });
      const read = await drain(reader, place);
      expect(read.records).toEqual(records.map((record, index) => `${index}:${record}`));
      await reader.close();
    },
  );
});

/** As something between the builder and the broker might do it. */
function altered(builder: RecordBatchBuilder, alter: (bytes: Buffer) => void): RecordBatchBuilder {
  return {
    ...builder,
    count: builder.count,
    byteLength: builder.byteLength,
    finish(stamp) {
      const bytes = builder.finish(stamp);
      alter(bytes);
      return bytes;
    },
  };
}
