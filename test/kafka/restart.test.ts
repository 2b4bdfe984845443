import { expect, it } from 'vitest';
import { eachKafka } from './support/each-kafka.ts';
import { type KeeperPlace, keptPartitions, KeptTopic } from './support/kept-topic.ts';

const keys = 2_000;
/** The source is transpiled for the first process of all. */
const patience = { timeout: 180_000 };
const home: KeeperPlace = { machine: 'home', instanceId: 'one' };

eachKafka('A worker that starts again', (shared) => {
  const keptByOne = async () => {
    const topic = new KeptTopic(shared);
    await topic.create();
    await topic.send(keys);
    await topic.keep(home);
    return topic;
  };
  const restoredAt = async (topic: KeptTopic, place: KeeperPlace) => {
    const keeper = topic.start(place);
    await keeper.until(({ runningTasks }) => runningTasks === keptPartitions);
    const restored = keeper.report?.restoredRecords;
    await topic.untilKept(keeper);
    await keeper.stop();
    return restored;
  };

  it(
    'restores the tail of its changelogs after a kill between commit and store',
    patience,
    async () => {
      const topic = await keptByOne();
      const tail = 40;
      await topic.send(tail);
      const mortal = topic.start({ ...home, deathAt: { call: 'commit', nth: 1, moment: 'after' } });
      expect(await mortal.exited).toBe('SIGKILL');
      const restored = await restoredAt(topic, home);
      expect(restored).toBeGreaterThan(0);
      expect(restored).toBeLessThanOrEqual(tail);
      expect(await topic.received()).toEqual(topic.expected);
    },
  );

  it('restores no more than came in since, whenever it was killed', patience, async () => {
    const topic = await keptByOne();
    const keeper = topic.start(home);
    await keeper.until(({ runningTasks }) => runningTasks === keptPartitions);
    const more = 500;
    await topic.send(more);
    await keeper.until(({ commits }) => commits > 0);
    await keeper.kill();
    expect(await restoredAt(topic, home)).toBeLessThanOrEqual(more);
    expect(await topic.received()).toEqual(topic.expected);
  });

  it('restores nothing after a stop', patience, async () => {
    const topic = await keptByOne();
    await topic.send(40);
    expect(await restoredAt(topic, home)).toBe(0);
    expect(await topic.received()).toEqual(topic.expected);
  });

  it('restores everything on a new disk', patience, async () => {
    const topic = await keptByOne();
    await topic.send(40);
    expect(await restoredAt(topic, { ...home, machine: 'new' })).toBeGreaterThanOrEqual(keys);
    expect(await topic.received()).toEqual(topic.expected);
  });
});
