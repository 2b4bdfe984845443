import { describe, expect, it } from 'vitest';
import { LogError, onUpdate, string, TopologyBuilder, WorkerError } from '../../../src/index.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';
import { overriding } from '../../torture/overriding.ts';

function joining() {
  const builder = new TopologyBuilder('app');
  const rows = builder.table('rows', { name: 'rows', key: string(), value: string() });
  builder
    .stream('in', { key: string(), value: string() })
    .join(rows, (value, row) => value + row, { value: string() })
    .groupBy((value) => value, { name: 'by-value', key: string() })
    .count({ name: 'counts', emit: onUpdate() });
  return builder.build();
}

const topicOf = (topic: string, partitions: number, cleanup: 'delete' | 'compact' = 'delete') => ({
  topic,
  partitions,
  cleanup,
  settings: {},
});

describe('a worker does not start', () => {
  it('when a source topic is missing: all of them are named', async () => {
    const workshop = new Workshop();
    const admin = overriding(workshop.log.admin, { describeTopics: async () => new Map() });
    const refused = workshop.start(joining(), { log: overriding(workshop.log, { admin }) });
    const problem = (topic: string) =>
      expect.objectContaining({
        code: 'TOPIC_MISSING',
        message: expect.stringContaining(topic) as string,
      }) as unknown;
    await expect(refused).rejects.toMatchObject({ problems: [problem('rows'), problem('in')] });
  });

  it('when topics that are joined have other partition counts', async () => {
    const workshop = new Workshop();
    await workshop.log.admin.createTopics([topicOf('in', 2), topicOf('rows', 3)]);
    const refused = workshop.start(joining());
    await expect(refused).rejects.toMatchObject({ code: 'NOT_COPARTITIONED' });
  });

  it('when an internal topic has another shape: it says which one is needed', async () => {
    for (const wrong of [topicOf('app-counts-changelog', 1), topicOf('app-counts-changelog', 7)]) {
      const workshop = new Workshop();
      await workshop.log.admin.createTopics([wrong]);
      const refused = workshop.start(joining());
      await expect(refused).rejects.toThrow(WorkerError);
      await expect(refused).rejects.toMatchObject({
        code: 'TOPIC_MISMATCH',
        where: { topic: 'app-counts-changelog' },
        message: expect.stringMatching(/1 and 'compact' are needed/) as string,
      });
    }
  });

  it('when internal topics are missing and must not be made', async () => {
    const workshop = new Workshop();
    const refused = workshop.start(joining(), { internalTopics: 'check' });
    await expect(refused).rejects.toMatchObject({
      code: 'TOPIC_MISSING',
      message: expect.stringContaining('app-counts-changelog') as string,
    });
    const made = await workshop.start(joining());
    await workshop.until(made.close());
    const checked = await workshop.start(joining(), { internalTopics: 'check' });
    expect(checked.state).toBe('running');
  });

  it('when the log refuses its producer: then it is no member either', async () => {
    const workshop = new Workshop();
    const refused = workshop.start(joining(), {
      intercept: async ({ api }, go) => {
        if (api === 'init-producer') throw new LogError('fatal', 'LOG_IO', 'No.');
        return go();
      },
    });
    await expect(refused).rejects.toMatchObject({ code: 'LOG_IO' });
    expect(workshop.coordinator.describe('app').memberIds).toEqual([]);
  });
});

it('a worker stops when its progress topic was emptied: it counts nothing again', async () => {
  const workshop = new Workshop();
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words.groupByKey().count({ name: 'counts', emit: onUpdate() });
  const topology = builder.build();
  await workshop.feed('in', textRecords(['a=1']));
  const first = await workshop.start(topology);
  await workshop.until(first.caughtUp());
  await workshop.until(first.close());
  const progress = { topic: 'app-in-progress', partition: 0 };
  const [ends] = await workshop.log.admin.ends([progress]);
  await workshop.log.admin.deleteRecords([{ ...progress, offset: ends?.logEndOffset ?? 0 }]);

  const second = await workshop.start(topology);
  await expect(workshop.until(second.finished)).rejects.toMatchObject({
    code: 'OFFSETS_LOST',
    where: { task: 'in-0' },
  });
  expect(second.state).toBe('failed');
});
