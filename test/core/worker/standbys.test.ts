import { describe, expect, it } from 'vitest';
import {
  memoryBackend,
  onUpdate,
  string,
  TopologyBuilder,
  type Worker,
} from '../../../src/index.ts';
import { survivingState } from '../../support/surviving-state.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words.groupByKey().count({ name: 'counts', emit: onUpdate() }).toStream().to('out');
  return builder.build();
}

/** More keys than a move without warm-up may have to restore, on each of two partitions. */
const keys = Array.from({ length: 24_000 }, (_, index) => `k${index}`);
const manyKeys = () => textRecords(keys.map((key) => `${key}=v`));
const fewKeys = () => textRecords(['k1=v', 'k2=v', 'k3=v', 'k4=v', 'k5=v']);

const taskIds = (worker: Worker) =>
  worker
    .status()
    .tasks.filter(({ state }) => state === 'running')
    .map(({ id }) => id)
    .sort();
const copiesOf = (worker: Worker) =>
  worker.status().copies.map(({ task, kind, isReady }) => `${kind} ${task} ${isReady}`);

/** How often each key was counted, by the last count that was written for it. */
async function totals(workshop: Workshop): Promise<number> {
  const last = new Map<string, number>();
  for (const { key, value } of await workshop.read('out')) {
    last.set(String(key), Number(value?.readBigInt64BE(0) ?? 0n));
  }
  return [...last.values()].reduce((sum, count) => sum + count, 0);
}

describe('standbys', () => {
  it('take over with hardly anything to restore, and count on', async () => {
    const workshop = new Workshop({ partitions: 2 });
    const process = workshop.runtime.createProcess();
    const options = { standbyReplicas: 1, sessionTimeout: '300ms' } as const;
    const owner = await workshop.start(counting(), { ...options, process });
    const other = await workshop.start(counting(), options);
    await workshop.runtime.advance(1_000);
    await workshop.feed('in', manyKeys());
    await workshop.until(Promise.all([owner.caughtUp(), other.caughtUp()]));
    await workshop.runtime.advance(2_000);
    expect([taskIds(owner).length, taskIds(other).length]).toEqual([1, 1]);
    expect(copiesOf(other)).toEqual([`standby ${taskIds(owner)[0] ?? ''} true`]);
    const before = other.status().restoredRecords;
    process.suspend();
    await workshop.runtime.advance(2_000);
    await workshop.until(other.caughtUp());
    expect(taskIds(other)).toEqual(['in-0', 'in-1']);
    expect(other.status().restoredRecords - before).toBe(0);
    expect(other.status().copies).toEqual([]);
    await workshop.feed('in', fewKeys());
    await workshop.until(other.caughtUp());
    expect(await totals(workshop)).toBe(keys.length + 5);
  });

  it('follow on: what the owner commits later is in the copy too', async () => {
    const workshop = new Workshop();
    const state = survivingState();
    const owner = await workshop.start(counting(), { standbyReplicas: 1 });
    await workshop.start(counting(), { standbyReplicas: 1, state });
    for (const round of [1, 2, 3]) {
      await workshop.feed('in', textRecords([`a=${round}`, 'b=1']));
      await workshop.until(owner.caughtUp());
      await workshop.runtime.advance(2_000);
      expect(state.rows('in-0', 'counts').size).toBe(2);
      const own = state.position('in-0')?.changelogs.get('counts') ?? 0;
      const changelog = [{ topic: 'app-counts-changelog', partition: 0 }];
      const [ends] = await workshop.log.admin.ends(changelog);
      // Behind the last record there is only the marker of its transaction.
      expect((ends?.logEndOffset ?? 0) - own).toBeLessThanOrEqual(1);
    }
  });

  it('are closed when the worker is, and the other one works on', async () => {
    const workshop = new Workshop({ partitions: 2 });
    const one = await workshop.start(counting(), { standbyReplicas: 1 });
    const two = await workshop.start(counting(), { standbyReplicas: 1 });
    await workshop.feed('in', fewKeys());
    await workshop.runtime.advance(2_000);
    expect(copiesOf(two).length).toBe(1);
    await workshop.until(two.close());
    await workshop.runtime.advance(1_000);
    await workshop.until(one.caughtUp());
    expect([one.status().copies, two.status().copies]).toEqual([[], []]);
    expect(taskIds(one)).toEqual(['in-0', 'in-1']);
  });
});

describe('a task with much state', () => {
  it('stays where it is while its new home warms up, then moves without a restore', async () => {
    const workshop = new Workshop({ partitions: 2 });
    await workshop.feed('in', manyKeys());
    const owner = await workshop.start(counting());
    await workshop.until(owner.caughtUp());
    const delayed = { isOn: true };
    const home = await workshop.start(counting(), {
      intercept: async ({ api }, go) => {
        if (delayed.isOn && api === 'fetch') await workshop.runtime.scheduler.sleep(3_000);
        return go();
      },
    });
    await workshop.runtime.advance(2_000);
    expect([taskIds(owner), taskIds(home)]).toEqual([['in-0', 'in-1'], []]);
    expect(home.status().copies.map(({ kind, isReady }) => [kind, isReady])).toEqual([
      ['warm-up', false],
    ]);
    // The old owner goes on with it.
    await workshop.feed('in', fewKeys());
    await workshop.until(owner.caughtUp());
    expect(await totals(workshop)).toBe(keys.length + 5);
    delayed.isOn = false;
    await workshop.runtime.advance(20_000);
    expect([taskIds(owner).length, taskIds(home).length]).toEqual([1, 1]);
    expect(home.status().restoredRecords).toBeLessThan(100);
    await workshop.feed('in', fewKeys());
    await workshop.until(Promise.all([owner.caughtUp(), home.caughtUp()]));
    expect(await totals(workshop)).toBe(keys.length + 10);
    expect(owner.status().recoveries + home.status().recoveries).toBe(0);
  });

  it('moves at once where copies cannot be kept', async () => {
    const workshop = new Workshop({ partitions: 2 });
    await workshop.feed('in', manyKeys());
    const owner = await workshop.start(counting());
    await workshop.until(owner.caughtUp());
    const home = await workshop.start(counting(), { state: memoryBackend(), standbyReplicas: 1 });
    await workshop.runtime.advance(2_000);
    expect(taskIds(home).length).toBe(1);
    expect(home.status().restoredRecords).toBeGreaterThan(10_000);
  });

  it('moves in the end, even if its new home cannot open a copy', async () => {
    const workshop = new Workshop({ partitions: 2 });
    await workshop.feed('in', manyKeys());
    const owner = await workshop.start(counting());
    await workshop.until(owner.caughtUp());
    const state = survivingState();
    let refusals = 0;
    const home = await workshop.start(counting(), {
      state: {
        open(options) {
          if (refusals === 3) return state.open(options);
          refusals += 1;
          throw new Error('Not now.');
        },
      },
    });
    await workshop.runtime.advance(60_000);
    expect([refusals, taskIds(home).length]).toEqual([3, 1]);
  });
});

it('a restore tells how far it is, before and after', async () => {
  const workshop = new Workshop();
  const lines: string[] = [];
  const ignore = () => undefined;
  await workshop.feed('in', manyKeys());
  const first = await workshop.start(counting());
  await workshop.until(first.caughtUp());
  await workshop.until(first.close());
  let isSlow = true;
  const second = await workshop.start(counting(), {
    logger: { debug: ignore, warn: ignore, error: ignore, info: (text) => lines.push(text) },
    intercept: async ({ api }, go) => {
      if (api === 'fetch' && isSlow) await workshop.runtime.scheduler.sleep(60_000);
      return go();
    },
  });
  await workshop.runtime.advance(70_000);
  const [restoring] = second.status().tasks;
  expect(restoring).toMatchObject({ state: 'restoring', restoredRecords: 0 });
  expect(restoring?.recordsToRestore).toBeGreaterThan(keys.length);
  isSlow = false;
  await workshop.until(second.caughtUp());
  const [running] = second.status().tasks;
  expect(running).toMatchObject({
    state: 'running',
    restoredRecords: keys.length,
    recordsToRestore: 0,
  });
  expect(lines.filter((line) => line.includes('in-0'))).toEqual([
    expect.stringMatching(/^Restoring task in-0: at most \d+ records/),
    expect.stringMatching(/^Task in-0 runs: 24000 records restored in \d+ ms/),
  ]);
});
