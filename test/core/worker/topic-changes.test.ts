import { describe, expect, it } from 'vitest';
import type { Log, TopicDescription } from '../../../src/core/log/port.ts';
import { LogError, onUpdate, string, TopologyBuilder } from '../../../src/index.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';
import { overriding } from '../../torture/overriding.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words.to('copies');
  words
    .groupBy((value) => value.slice(0, 1), { name: 'by-value', key: string() })
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .to('out');
  return builder.build();
}

/** A log whose topics look otherwise to the worker. */
function seenAs(log: Log, look: (topic: TopicDescription) => TopicDescription): Log {
  const admin = overriding(log.admin, {
    describeTopics: async (topics) => {
      const described = await log.admin.describeTopics(topics);
      return new Map([...described].map(([name, topic]) => [name, look(topic)]));
    },
  });
  return overriding(log, { admin });
}

describe('a worker stops when a topic has got more partitions', () => {
  for (const topic of ['in', 'app-by-value-repartition', 'app-counts-changelog']) {
    it(`while it runs: '${topic}', within five minutes`, async () => {
      const workshop = new Workshop();
      let hasChanged = false;
      const log = seenAs(workshop.log, (found) =>
        hasChanged && found.topic === topic ? { ...found, partitions: 3 } : found,
      );
      const worker = await workshop.start(counting(), { log });
      await workshop.runtime.advance(10 * 60_000);
      expect(worker.state).toBe('running');
      hasChanged = true;
      await workshop.runtime.advance(5 * 60_000);
      await expect(workshop.until(worker.finished)).rejects.toMatchObject({
        code: 'PARTITIONING_CHANGED',
        where: { topic },
        message: expect.stringMatching(/has 3 partitions now, and had 1 .* topic with 1/) as string,
      });
    });
  }

  it('at the next rebalance', async () => {
    const workshop = new Workshop();
    let hasChanged = false;
    const log = seenAs(workshop.log, (found) =>
      hasChanged && found.topic === 'in' ? { ...found, partitions: 2 } : found,
    );
    const worker = await workshop.start(counting(), { log });
    hasChanged = true;
    await workshop.start(counting());
    await workshop.runtime.advance(1_000);
    await expect(workshop.until(worker.finished)).rejects.toMatchObject({
      code: 'PARTITIONING_CHANGED',
    });
  });
});

it('a log that does not answer for a while is no changed topic', async () => {
  const workshop = new Workshop();
  let isCutOff = false;
  const worker = await workshop.start(counting(), {
    intercept: async ({ api }, go) => {
      if (api !== 'describe-topics' || !isCutOff) return go();
      throw new LogError('retriable', 'INJECTED_FAULT', 'Not now.');
    },
  });
  isCutOff = true;
  await workshop.runtime.advance(10 * 60_000);
  expect(worker.state).toBe('running');
});

describe('the largest record', () => {
  const limited = (log: Log, topic: string) =>
    seenAs(log, (found) => (found.topic === topic ? { ...found, maxMessageBytes: 2_000 } : found));
  const large = textRecords([`a=${'x'.repeat(3_000)}`]);

  it('is what its own topic takes', async () => {
    const workshop = new Workshop();
    const log = limited(workshop.log, 'copies');
    const worker = await workshop.start(counting(), { log });
    await workshop.feed('in', large);
    await expect(workshop.until(worker.finished)).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      where: { topic: 'in' },
    });
  });

  it('is not what another topic takes', async () => {
    const workshop = new Workshop();
    const log = limited(workshop.log, 'out');
    const worker = await workshop.start(counting(), { log });
    await workshop.feed('in', large);
    await workshop.until(worker.caughtUp());
    expect((await workshop.read('copies')).length).toBe(1);
  });
});
