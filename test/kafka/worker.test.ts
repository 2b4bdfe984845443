import { join } from 'node:path';
import { expect, it } from 'vitest';
import { untilCaughtUp } from '../../bench/log/progress.ts';
import { partitionsOf } from '../../bench/log/read-topic.ts';
import { kafka } from '../../src/core/log/kafka/kafka.ts';
import {
  onUpdate,
  produce,
  run,
  string,
  type Topology,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { temporaryDirectory } from '../support/log-fixture.ts';
import { readWithConsole } from './support/console-consumer.ts';
import { eachKafka, type SharedKafka, uniqueName } from './support/each-kafka.ts';
import { runKafkaTool } from './support/java.ts';

const partitions = 3;
const windowMs = 60_000;
const startMs = 1_700_000_040_000;
const text = { key: string(), value: string() };
const people = Array.from({ length: 20 }, (_, index) => ({
  key: `person-${index}`,
  value: ['Bergen', 'Cádiz', 'Faro', 'Gdańsk'][index % 4] ?? '',
  timestamp: startMs,
}));
const clicks = Array.from({ length: 4_000 }, (_, index) => ({
  key: `person-${(index * 7) % people.length}`,
  value: `page-${index % 11}`,
  timestamp: startMs + 1 + index * 50,
}));

interface Topics {
  readonly people: string;
  readonly clicks: string;
  readonly perCity: string;
}

/** A join, a repartition and a window; each update of a count leaves, so each is checked. */
function cityCounts(application: string, topics: Topics): Topology {
  const builder = new TopologyBuilder(application);
  const cities = builder.table(topics.people, { name: 'people', ...text });
  builder
    .stream(topics.clicks, text)
    .join(cities, (_page, city) => city, { value: string() })
    .groupBy((city) => city, { name: 'by-city', key: string() })
    .windowedBy(tumbling('1 minute', { grace: '365 days' }))
    .count({ name: 'per-city', emit: onUpdate() })
    .toStream()
    .selectKey((_count, window) => `${window.key}@${window.startMs}`, { key: string() })
    .mapValues((count) => String(count), { value: string() })
    .to(topics.perCity);
  return builder.build();
}

/** What leaves for each key: 1, 2, 3, ... up to the number of its clicks. */
function recount(): Map<string, string[]> {
  const cityOf = new Map(people.map(({ key, value }) => [key, value]));
  const updates = new Map<string, string[]>();
  for (const { key, timestamp } of clicks) {
    const windowStart = Math.floor(timestamp / windowMs) * windowMs;
    const output = `${cityOf.get(key)}@${windowStart}`;
    const before = updates.get(output) ?? [];
    updates.set(output, [...before, String(before.length + 1)]);
  }
  return updates;
}

async function consoleUpdates(shared: SharedKafka, topic: string): Promise<Map<string, string[]>> {
  const updates = new Map<string, string[]>();
  for (const { key, value } of await readWithConsole(shared, topic)) {
    const own = updates.get(key ?? '') ?? [];
    updates.set(key ?? '', own);
    own.push(value ?? '');
  }
  return updates;
}

async function prepared(shared: SharedKafka) {
  const application = uniqueName('cities');
  const topics: Topics = {
    people: `${application}.people`,
    clicks: `${application}.clicks`,
    perCity: `${application}.per-city`,
  };
  const log = kafka(shared);
  const shape = { partitions, cleanup: 'delete', settings: {} } as const;
  await log.admin.createTopics(
    [topics.people, topics.clicks, topics.perCity].map((topic) => ({ ...shape, topic })),
  );
  await produce(log, topics.people, text, people);
  await produce(log, topics.clicks, text, clicks);
  return { log, application, topics };
}

/** Lag per partition of a topic, and the members, as Kafka's group tool prints them. */
async function askGroupTool({ version, brokers }: SharedKafka, group: string, topic: string) {
  const tool = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
  const named = ['--bootstrap-server', brokers.join(','), '--group', group, '--describe'];
  const offsets = await runKafkaTool(version, tool, named);
  const rows = offsets.split('\n').map((row) => row.trim().split(/\s+/));
  const own = rows.filter(([, column]) => column === topic);
  const members = await runKafkaTool(version, tool, [...named, '--members']);
  return { lags: own.map(([, , , , , lag]) => lag), members };
}

eachKafka('Two workers on brokers', (shared) => {
  it('give what a recount gives, as Kafka’s own tools read it', async () => {
    const { log, application, topics } = await prepared(shared);
    const topology = cityCounts(application, topics);
    const directory = temporaryDirectory();
    const start = async (instanceId: string) => {
      const own = kafka(shared);
      const stateDir = join(directory, instanceId);
      return { own, worker: await run(topology, { log: own, stateDir, instanceId }) };
    };
    const started = await Promise.all([start('east'), start('west')]);
    const failure = Promise.race(started.map(({ worker }) => worker.finished));

    const repartition = `${application}-by-city-repartition`;
    for (const topic of [topics.people, topics.clicks, repartition]) {
      const all = untilCaughtUp(log, application, await partitionsOf(log, topic));
      await Promise.race([all, failure]);
    }
    const { lags, members } = await askGroupTool(shared, application, topics.clicks);
    expect(lags).toEqual(['0', '0', '0']);
    expect(members).toMatch(/east(?:.|\n)*west|west(?:.|\n)*east/);

    await Promise.all(started.map(({ worker }) => worker.close()));
    await Promise.all([log, ...started.map(({ own }) => own)].map((one) => one.close()));
    expect(await consoleUpdates(shared, topics.perCity)).toEqual(recount());
  });
});
