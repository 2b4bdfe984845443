import { expect, it } from 'vitest';
import type { NewTopic } from '../../src/core/log/port.ts';
import { compressionCodecs } from '../../src/core/log/record-batch/codecs.ts';
import { errorCodes } from '../../src/core/model/error-codes.ts';
import { countedTopics, partitionCounts } from '../../src/core/topology/partition-counts.ts';
import { setUpInternalTopics } from '../../src/core/worker/topic-setup.ts';
import {
  defineSink,
  embedded,
  onClose,
  string,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';
import { tableOf } from './table.ts';
import { readFileSync } from 'node:fs';

const page = 'KAFKA.md';

/** One of each kind, as they are asked of a log. */
async function internalTopics(): Promise<readonly NewTopic[]> {
  const builder = new TopologyBuilder('app');
  const serdes = { key: string(), value: string() };
  const rows = builder.table('rows', { name: 'rows', ...serdes });
  const foreignKey = (value: string) => value;
  rows.join(rows, (a, b) => a + b, { name: 'joined', value: string(), foreignKey });
  const words = builder.stream('in', serdes);
  words
    .groupBy((word) => word, { name: 'by-word', key: string() })
    .windowedBy(tumbling('1 minute', { grace: 0 }))
    .count({ name: 'counts', emit: onClose() });
  const connect = () => {
    throw new Error('Nothing is delivered here.');
  };
  const sink = defineSink({ kind: 'none', name: 'rows', row: string(), connect });
  words.toSink(sink);
  const topology = builder.build();
  const counts = partitionCounts(topology, new Map(Object.entries({ in: 3, rows: 3 })));
  const counted = countedTopics(topology, counts);
  const created: NewTopic[] = [];
  const log = embedded();
  const createTopics = (topics: readonly NewTopic[]) => {
    created.push(...topics);
    return Promise.resolve();
  };
  await setUpInternalTopics(counted, { ...log, admin: { ...log.admin, createTopics } }, true);
  await log.close();
  return created;
}

it('The page about Kafka has the settings that internal topics are made with', async () => {
  const settings = new Map(tableOf(page, 'settings').map(([name, text]) => [name, text]));
  const rows = tableOf(page, 'topic').map(([pattern = '', , name]) => ({
    pattern: new RegExp(`^${pattern.replace(/<[^>]*>/g, '[\\w.-]+')}$`),
    settings: settings.get(name ?? ''),
  }));
  const created = await internalTopics();
  for (const { topic, cleanup, settings: made } of created) {
    const all = Object.entries({ 'cleanup.policy': cleanup, ...made });
    const row = rows.find(({ pattern }) => pattern.test(topic));
    expect(row?.settings, topic).toBe(all.map(([name, value]) => `${name}=${value}`).join(', '));
  }
  const unused = rows.filter(({ pattern }) => !created.some(({ topic }) => pattern.test(topic)));
  expect(unused).toEqual([]);
});

it('The page about Kafka names only error codes that exist', () => {
  const named = tableOf(page, 'code').map(([code = '']) => code);
  expect(named.filter((code) => !Object.hasOwn(errorCodes, code))).toEqual([]);
});

it('The page about Kafka names each package that a compression needs', () => {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const packages = [...compressionCodecs.values()].flatMap(({ packageName }) => packageName ?? []);
  expect(packages.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
