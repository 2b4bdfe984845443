import { expect, it } from 'vitest';
import { kafka } from '../../src/core/log/kafka/kafka.ts';
import {
  memoryBackend,
  produce,
  readCommitted,
  run,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { eachKafka, type SharedKafka, uniqueName } from './support/each-kafka.ts';

const text = { key: string(), value: string() };
const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);

function asked(name: string): Topology {
  const builder = new TopologyBuilder(name);
  const rows = builder.table(`${name}.rows`, { name: 'rows', ...text, changelog: 'source' });
  builder
    .stream(`${name}.asks`, text)
    .leftJoin(rows, (question, row) => `${question}+${row}`, { value: string() })
    .to(`${name}.answers`);
  return builder.build();
}

async function prepared(shared: SharedKafka, cleanup: 'compact' | 'delete') {
  const name = uniqueName('source-changelog');
  const log = kafka(shared);
  const shape = { partitions: 2, settings: {} } as const;
  await log.admin.createTopics([
    { ...shape, topic: `${name}.rows`, cleanup },
    { ...shape, topic: `${name}.asks`, cleanup: 'delete' },
    { ...shape, topic: `${name}.answers`, cleanup: 'delete' },
  ]);
  return { log, name };
}

eachKafka('A table whose topic is its changelog', (shared) => {
  it('has its rows back from the topic on a worker without state', async () => {
    const { log, name } = await prepared(shared, 'compact');
    const live = async (value: string | null, question: string) => {
      const own = kafka(shared);
      const worker = await run(asked(name), { log: own, state: memoryBackend() });
      if (value !== null) {
        const rows = keys.map((key) => ({ key, value, timestamp: 1 }));
        await produce(log, `${name}.rows`, text, rows);
        await worker.caughtUp();
      }
      const asks = keys.map((key) => ({ key, value: question, timestamp: 2 }));
      await produce(log, `${name}.asks`, text, asks);
      await worker.caughtUp();
      await worker.close();
      await own.close();
      return worker.status().restoredRecords;
    };
    await live('old', 'first');
    await live('new', 'second');
    expect(await live(null, 'third')).toBe(2 * keys.length);
    const answers = await readCommitted(log, `${name}.answers`, text);
    const texts = new Set(answers.map(({ value }) => value));
    expect(texts).toEqual(new Set(['first+old', 'second+new', 'third+new']));
    expect(answers.length).toBe(3 * keys.length);
    expect((await log.admin.describeTopics([`${name}-rows-changelog`])).size).toBe(0);
    await log.close();
  });

  it('is refused where the topic is not compacted', async () => {
    const { log, name } = await prepared(shared, 'delete');
    await expect(run(asked(name), { log, state: memoryBackend() })).rejects.toMatchObject({
      problems: [{ code: 'TOPIC_NOT_COMPACTED', node: 'rows' }],
    });
    await log.close();
  });
});
