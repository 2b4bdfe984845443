import { describe, expect, it } from 'vitest';
import { onUpdate, string, TopologyBuilder, type Worker } from '../../../src/index.ts';
import { survivingState } from '../../support/surviving-state.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words
    .groupByKey()
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .mapValues((count, key) => `${key}${count}`, { value: string() })
    .to('out');
  return builder.build();
}

const letters = [...'abcdefghijkl'];
const round = () => textRecords(letters.map((letter) => `${letter}=v`));
/** The counts of every letter after so many rounds, each once. */
const rounds = (count: number) =>
  letters
    .flatMap((letter) => Array.from({ length: count }, (_, at) => `${letter}${at + 1}`))
    .sort();

async function out(workshop: Workshop) {
  return (await workshop.values('out')).sort();
}

const taskIds = (worker: Worker) =>
  worker
    .status()
    .tasks.map(({ id }) => id)
    .sort();

describe('a worker that comes back', () => {
  it('restores nothing after it was closed', async () => {
    const workshop = new Workshop({ partitions: 3 });
    const state = survivingState();
    await workshop.feed('in', round());
    const first = await workshop.start(counting(), { state });
    await workshop.until(first.caughtUp());
    await workshop.until(first.close());
    expect(first.state).toBe('closed');
    const second = await workshop.start(counting(), { state });
    await workshop.feed('in', round());
    await workshop.until(second.caughtUp());
    expect(second.status().restoredRecords).toBe(0);
    expect(await out(workshop)).toEqual(rounds(2));
  });

  it('restores only what the log has and its disk has not, after it was killed', async () => {
    const workshop = new Workshop();
    const state = survivingState();
    await workshop.feed('in', round());
    const process = workshop.runtime.createProcess();
    let isDying = false;
    const first = await workshop.start(counting(), {
      state,
      process,
      instanceId: 'same',
      intercept: async ({ api }, go) => {
        const answer = await go();
        if (!isDying || api !== 'commit') return answer;
        process.suspend();
        return new Promise(() => undefined);
      },
    });
    await workshop.until(first.caughtUp());
    isDying = true;
    await workshop.feed('in', textRecords(['a=v', 'b=v']));
    await workshop.runtime.advance(1_000);
    const second = await workshop.start(counting(), { state, instanceId: 'same' });
    await workshop.until(second.caughtUp());
    const { restoredRecords, tasks } = second.status();
    expect([restoredRecords, tasks[0]?.restoredRecords]).toEqual([2, 2]);
    expect(await out(workshop)).toEqual([...rounds(1), 'a2', 'b2'].sort());
  });

  it('commits what it has processed when it is closed', async () => {
    const workshop = new Workshop();
    const worker = await workshop.start(counting(), { commitInterval: '1 hour' });
    await workshop.until(worker.caughtUp());
    await workshop.feed('in', round());
    await workshop.runtime.advance(1_000);
    expect(await out(workshop)).toEqual([]);
    await workshop.until(worker.close());
    expect(await out(workshop)).toEqual(rounds(1));
  });

  it('restores everything when its disk is gone', async () => {
    const workshop = new Workshop();
    await workshop.feed('in', round());
    const first = await workshop.start(counting());
    await workshop.until(first.caughtUp());
    await workshop.until(first.close());
    const second = await workshop.start(counting());
    await workshop.feed('in', round());
    await workshop.until(second.caughtUp());
    expect(second.status().restoredRecords).toBe(letters.length);
    expect(await out(workshop)).toEqual(rounds(2));
  });

  it('closes once, however often it is told to', async () => {
    const workshop = new Workshop();
    const worker = await workshop.start(counting());
    await workshop.until(Promise.all([worker.close(), worker.close(), worker.finished]));
    await workshop.until(worker.close());
    expect(worker.state).toBe('closed');
  });
});

describe('workers of one application', () => {
  it('share tasks out, move them with their state, take over from one that leaves', async () => {
    const workshop = new Workshop({ partitions: 4 });
    await workshop.feed('in', round());
    const one = await workshop.start(counting());
    await workshop.until(one.caughtUp());
    const two = await workshop.start(counting());
    await workshop.runtime.advance(1_000);
    expect([taskIds(one).length, taskIds(two).length]).toEqual([2, 2]);
    expect(two.status().restoredRecords).toBeGreaterThan(0);
    await workshop.feed('in', round());
    await workshop.until(Promise.all([one.caughtUp(), two.caughtUp()]));
    expect(await out(workshop)).toEqual(rounds(2));

    await workshop.until(one.close());
    await workshop.runtime.advance(1_000);
    expect(taskIds(two)).toEqual(['in-0', 'in-1', 'in-2', 'in-3']);
    await workshop.feed('in', round());
    await workshop.until(two.caughtUp());
    expect(await out(workshop)).toEqual(rounds(3));
  });

  it('take over from one that is silent for longer than its session', async () => {
    const workshop = new Workshop({ partitions: 4 });
    const process = workshop.runtime.createProcess();
    const dead = await workshop.start(counting(), { process });
    const other = await workshop.start(counting());
    await workshop.runtime.advance(1_000);
    expect(taskIds(dead).length).toBe(2);
    process.suspend();
    await workshop.feed('in', round());
    await workshop.runtime.advance(2_000);
    await workshop.until(other.caughtUp());
    expect(taskIds(other).length).toBe(4);
    expect(await out(workshop)).toEqual(rounds(1));
  });

  it('a task that stays goes on while another is being restored', async () => {
    const workshop = new Workshop({ partitions: 2 });
    await workshop.feed('in', round());
    const process = workshop.runtime.createProcess();
    const dying = await workshop.start(counting(), { process, sessionTimeout: '300ms' });
    await workshop.until(dying.caughtUp());
    let isSlow = false;
    const staying = await workshop.start(counting(), {
      intercept: async ({ api }, go) => {
        if (isSlow && api === 'committed-offsets') await workshop.runtime.scheduler.sleep(60_000);
        return go();
      },
    });
    await workshop.runtime.advance(1_000);
    const [kept] = taskIds(staying);
    isSlow = true;
    process.suspend();
    await workshop.runtime.advance(5_000);
    const states = staying.status().tasks.map(({ id, state }) => [id, state]);
    expect(new Map(states.map(([id, state]) => [id ?? '', state]))).toEqual(
      new Map([
        [kept, 'running'],
        [kept === 'in-0' ? 'in-1' : 'in-0', 'restoring'],
      ]),
    );
    const before = await out(workshop);
    await workshop.feed('in', round());
    await workshop.runtime.advance(5_000);
    expect((await out(workshop)).length).toBeGreaterThan(before.length);
    await workshop.until(staying.caughtUp());
    expect(await out(workshop)).toEqual(rounds(2));
  });

  it('a worker under an id that is taken replaces the one before', async () => {
    const workshop = new Workshop();
    const before = await workshop.start(counting(), { instanceId: 'same' });
    const after = await workshop.start(counting(), { instanceId: 'same' });
    await expect(workshop.until(before.finished)).rejects.toMatchObject({
      code: 'INSTANCE_FENCED',
    });
    await workshop.feed('in', round());
    await workshop.until(after.caughtUp());
    expect(await out(workshop)).toEqual(rounds(1));
  });
});
