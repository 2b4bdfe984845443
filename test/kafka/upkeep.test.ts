import { expect, it } from 'vitest';
import { systemRuntime } from '../../src/core/runtime/system-runtime.ts';
import { emptyStores, storesToEmpty } from '../../src/core/upkeep/empty-store.ts';
import { knownApplication } from '../../src/core/upkeep/known-application.ts';
import { replayDeadLetters } from '../../src/core/upkeep/replay.ts';
import { resetApplication } from '../../src/core/upkeep/reset-application.ts';
import {
  int64,
  kafka,
  type Log,
  memoryBackend,
  noHeaders,
  produce,
  readCommitted,
  run,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { eachKafka, uniqueName } from './support/each-kafka.ts';

const texts = { key: string(), value: string() };
const { clock } = systemRuntime;

interface Names {
  readonly count?: string;
  readonly point?: string;
}

function application(brokers: readonly string[]) {
  const name = uniqueName('upkeep');
  const topics = { words: `${name}.words`, out: `${name}.out`, dead: `${name}.dead` };
  const log: Log = kafka({ brokers });
  const topologyOf = ({ count = 'counts', point = 'by-value' }: Names = {}): Topology => {
    const builder = new TopologyBuilder(name, { deadLetter: topics.dead });
    builder
      .stream(topics.words, texts)
      .groupBy((value) => value, {
        name: point,
        key: string(),
        ...(point === 'by-value' ? {} : { renamedFrom: 'by-value' }),
      })
      .count({ name: count, ...(count === 'counts' ? {} : { renamedFrom: 'counts' }) })
      .toStream()
      .to(topics.out);
    return builder.build();
  };
  return {
    log,
    topics,
    topologyOf,
    async create() {
      const shape = { partitions: 2, cleanup: 'delete', settings: {} } as const;
      await log.admin.createTopics(Object.values(topics).map((topic) => ({ topic, ...shape })));
    },
    async runWith(names: Names, ...words: readonly string[]) {
      const records = words.map((value) => ({ key: value, value, timestamp: 1 }));
      await produce(log, topics.words, texts, records);
      const options = { log, state: memoryBackend(), instanceId: 'one' };
      const worker = await run(topologyOf(names), options);
      await worker.caughtUp();
      await worker.close();
    },
    async counted(): Promise<string[]> {
      const records = await readCommitted(log, topics.out, { key: string(), value: int64() });
      return records.map(({ key, value }) => `${key}=${value}`).sort();
    },
  };
}

eachKafka('An application that is looked after', ({ brokers }) => {
  it('keeps what was renamed', async () => {
    const app = application(brokers);
    await app.create();
    await app.runWith({}, 'a', 'b', 'a');
    await app.runWith({ count: 'totals', point: 'by-word' }, 'a');
    await app.runWith({ count: 'totals', point: 'by-word' }, 'b');
    expect(await app.counted()).toEqual(['a=1', 'a=2', 'a=3', 'b=1', 'b=2']);
    await app.log.close();
  });

  it('begins anew after a reset, and with one empty store after that of a store', async () => {
    const app = application(brokers);
    await app.create();
    await app.runWith({}, 'a');
    const known = await knownApplication(app.topologyOf(), app.log);
    await emptyStores(known, storesToEmpty(known, 'counts'), { log: app.log, clock });
    await app.runWith({}, 'a');
    expect(await app.counted()).toEqual(['a=1', 'a=1']);
    await resetApplication(await knownApplication(app.topologyOf(), app.log), app.log);
    await app.runWith({});
    expect(await app.counted()).toEqual(['a=1', 'a=1', 'a=1', 'a=2']);
    await app.log.close();
  });

  it('gets its dead letters back once', async () => {
    const app = application(brokers);
    await app.create();
    const { words, dead } = app.topics;
    const headers = [
      ['code', 'PROCESSING'],
      ['topic', words],
      ['partition', '1'],
    ].reduce(
      (all, [name = '', value = '']) => all.with(`millrace.error.${name}`, value),
      noHeaders,
    );
    await produce(app.log, dead, texts, [{ key: 'k', value: 'v', timestamp: 5, headers }]);
    const filter = { from: new Map<number, number>(), to: new Map<number, number>() };
    const options = { log: app.log, clock, topic: dead, filter, isAgain: false, isDry: false };
    expect((await replayDeadLetters(options)).sent).toEqual(new Map([[words, 1]]));
    expect((await replayDeadLetters(options)).before).toBe(1);
    const records = await readCommitted(app.log, words, texts);
    expect(records).toMatchObject([{ key: 'k', value: 'v', timestamp: 5 }]);
    await app.log.close();
  });
});
