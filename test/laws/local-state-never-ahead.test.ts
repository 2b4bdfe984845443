import { expect, it } from 'vitest';
import { LogError, onUpdate, string, TopologyBuilder } from '../../src/index.ts';
import { survivingState } from '../support/surviving-state.ts';
import { textRecords, Workshop } from '../support/workshop.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  words.groupByKey().count({ name: 'counts', emit: onUpdate() }).toStream().to('out');
  return builder.build();
}

const changelog = 'app-counts-changelog';

/** The changelog's rows up to the local position, as a local store would hold them. */
async function committedRows(workshop: Workshop, maxRecords: number) {
  return lastRows((await workshop.read(changelog)).slice(0, maxRecords));
}

function lastRows(
  changes: Iterable<{ readonly key: Buffer | null; readonly value: Buffer | null }>,
) {
  const rows = new Map<string, string>();
  for (const { key, value } of changes) {
    if (key !== null && value !== null) rows.set(key.toString('hex'), value.toString('hex'));
  }
  return rows;
}

/** The committed changes before an offset. */
async function changesBefore(workshop: Workshop, offset: number) {
  if (offset === 0) return [];
  const reader = workshop.log.openReader({ isolation: 'read-committed' });
  const request = { topic: changelog, partition: 0, offset: 0 };
  const [fetched] = await reader.fetch([request], { maxWaitMs: 0, maxPartitionBytes: 1_000_000 });
  const changes = (fetched?.batches ?? []).flatMap((batch) =>
    Array.from({ length: batch.count }, (_, index) => ({
      offset: batch.offset(index),
      key: batch.key(index),
      value: batch.value(index),
    })),
  );
  return changes.filter((change) => change.offset < offset);
}

it('what the log refused is not in the local state', async () => {
  const workshop = new Workshop();
  await workshop.feed('in', textRecords(['a=1', 'b=1']));
  const state = survivingState();
  let refusesCommits = false;
  const worker = await workshop.start(counting(), {
    state,
    intercept: async ({ api }, go) => {
      if (refusesCommits && api === 'commit') throw new LogError('fatal', 'LOG_IO', 'No.');
      return go();
    },
  });
  await workshop.until(worker.caughtUp());
  const before = state.rows('in-0', 'counts');
  expect(before.size).toBe(2);

  refusesCommits = true;
  await workshop.feed('in', textRecords(['a=2', 'c=1']));
  await expect(workshop.until(worker.caughtUp())).rejects.toMatchObject({ code: 'LOG_IO' });
  expect(state.rows('in-0', 'counts')).toEqual(before);
  expect(before).toEqual(await committedRows(workshop, Infinity));
});

it('at every request the local rows are the changelog up to their position', async () => {
  const workshop = new Workshop();
  const state = survivingState();
  const seen: number[] = [];
  const worker = await workshop.start(counting(), {
    state,
    commitInterval: '10ms',
    intercept: async (_request, go) => {
      const position = state.position('in-0')?.changelogs.get('counts') ?? 0;
      seen.push(position);
      // Each commit writes both keys and a marker.
      const records = position - Math.floor(position / 3);
      expect(state.rows('in-0', 'counts')).toEqual(await committedRows(workshop, records));
      return go();
    },
  });
  for (let round = 0; round < 5; round += 1) {
    await workshop.feed('in', textRecords(['a=1', 'b=1']));
    await workshop.until(worker.caughtUp());
  }
  await workshop.until(worker.close());
  expect(new Set(seen).size).toBe(6);
});

it('and they are while the next records change them beside the commit', async () => {
  const workshop = new Workshop();
  const state = survivingState();
  const seen = new Set<number>();
  const worker = await workshop.start(counting(), {
    state,
    commitInterval: '1ms',
    intercept: async ({ api }, go) => {
      if (api !== 'fetch') await workshop.runtime.scheduler.sleep(3);
      const position = state.position('in-0')?.changelogs.get('counts') ?? 0;
      seen.add(position);
      const committed = lastRows(await changesBefore(workshop, position));
      expect(state.rows('in-0', 'counts')).toEqual(committed);
      return go();
    },
  });
  for (let time = 0; time < 60; time += 1) {
    await workshop.feed('in', textRecords([`${['a', 'b', 'c'][time % 3] ?? ''}=1`], time));
    await workshop.runtime.advance(2);
  }
  await workshop.until(worker.close());
  expect(seen.size).toBeGreaterThan(4);
  expect(state.rows('in-0', 'counts')).toEqual(await committedRows(workshop, Infinity));
});

it('a worker that died restores the missing tail, and nothing else', async () => {
  const workshop = new Workshop();
  await workshop.feed('in', textRecords(['a=1', 'b=1', 'c=1']));
  const state = survivingState();
  const process = workshop.runtime.createProcess();
  let isDying = false;
  const worker = await workshop.start(counting(), {
    state,
    process,
    instanceId: 'mortal',
    intercept: async ({ api }, go) => {
      const answer = await go();
      // The log has said yes, and the process does not live to hear it.
      if (isDying && api === 'commit') await new Promise(() => undefined);
      return answer;
    },
  });
  await workshop.until(worker.caughtUp());
  isDying = true;
  await workshop.feed('in', textRecords(['a=2']));
  await workshop.runtime.advance(500);
  process.suspend();

  const next = await workshop.start(counting(), { state, instanceId: 'mortal' });
  await workshop.until(next.caughtUp());
  expect(next.status().restoredRecords).toBe(1);
  expect(state.rows('in-0', 'counts')).toEqual(await committedRows(workshop, Infinity));
  expect((await workshop.read('out')).length).toBe(4);
});
