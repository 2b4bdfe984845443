import { describe, expect, it } from 'vitest';
import { memoryBackend, string, type Topology, TopologyBuilder } from '../../../src/index.ts';
import { survivingState } from '../../support/surviving-state.ts';
import { type StartOptions, textRecords, Workshop } from '../../support/workshop.ts';

const serdes = { key: string(), value: string() };

function asked(changelog: 'source' | 'own' = 'source'): Topology {
  const builder = new TopologyBuilder('app');
  const options = { name: 'rows', ...serdes };
  const rows = builder.table(
    'rows',
    changelog === 'own' ? options : { ...options, changelog: 'source' },
  );
  rows.toStream().to('changes');
  builder
    .stream('asks', serdes)
    .leftJoin(rows, (question, row) => `${question}+${row}`, { value: string() })
    .to('answers');
  return builder.build();
}

async function workshopWith(cleanup: 'compact' | 'delete', partitions = 1): Promise<Workshop> {
  const workshop = new Workshop({ partitions });
  await workshop.log.admin.createTopics([{ topic: 'rows', partitions, cleanup, settings: {} }]);
  return workshop;
}

/** Starts a worker, feeds it and closes it; answers what it wrote in its life. */
async function lifeOf(
  workshop: Workshop,
  rows: readonly string[],
  asks: readonly string[],
  options: StartOptions = {},
): Promise<{ readonly answers: readonly (string | null)[]; readonly restored: number }> {
  const before = (await workshop.values('answers')).length;
  const worker = await workshop.start(asked(), options);
  await workshop.feed('rows', textRecords(rows));
  await workshop.until(worker.caughtUp());
  await workshop.feed('asks', textRecords(asks, 1000));
  await workshop.until(worker.caughtUp());
  const restored = worker.status().restoredRecords;
  await workshop.until(worker.close());
  return { answers: (await workshop.values('answers')).slice(before), restored };
}

describe('a worker whose table has its topic as changelog', () => {
  it('has the rows back where it starts without state', async () => {
    const workshop = await workshopWith('compact');
    const state = memoryBackend();
    await lifeOf(workshop, ['a=1', 'b=1', 'a=2'], ['a=q'], { state });
    const { answers, restored } = await lifeOf(workshop, ['b=2'], ['a=q', 'b=q'], { state });
    expect([answers, restored]).toEqual([['q+2', 'q+2'], 3]);
  });

  it('reads nothing again where its state is that of the last commit', async () => {
    const workshop = await workshopWith('compact');
    const state = survivingState();
    await lifeOf(workshop, ['a=1', 'b=1'], ['a=q'], { state });
    expect(await lifeOf(workshop, [], ['b=q'], { state })).toEqual({
      answers: ['q+1'],
      restored: 0,
    });
  });

  it('takes what lies beyond the last commit as input, not as state', async () => {
    const workshop = await workshopWith('compact');
    await lifeOf(workshop, ['a=1'], ['a=q'], { state: memoryBackend() });
    await workshop.feed('rows', textRecords(['a=2', 'a=3'], 50));
    const { answers } = await lifeOf(workshop, [], ['a=q'], { state: memoryBackend() });
    expect(answers).toEqual(['q+3']);
    expect(await workshop.values('changes')).toEqual(['1', '2', '3']);
  });

  it('has the rows that compaction has left', async () => {
    const workshop = await workshopWith('compact');
    const many = Array.from({ length: 100 }, (_, index) => `k${index % 3}=${index}`);
    await lifeOf(workshop, many, ['k0=q'], { state: memoryBackend() });
    await workshop.broker.compact('rows');
    const state = memoryBackend();
    const { answers } = await lifeOf(workshop, [], ['k0=q', 'k1=q', 'k2=q'], { state });
    expect(answers).toEqual(['q+99', 'q+97', 'q+98']);
  });

  it('makes no changelog topic, and misses none where it must not make any', async () => {
    const workshop = await workshopWith('compact');
    await workshop.until((await workshop.start(asked())).close());
    const changelog = await workshop.log.admin.describeTopics(['app-rows-changelog']);
    expect([...changelog.values()].map(({ cleanup }) => cleanup)).not.toContain('compact');
    const worker = await workshop.start(asked(), { internalTopics: 'check' });
    await workshop.until(worker.close());
  });

  it('does not start where the topic loses records', async () => {
    const workshop = await workshopWith('delete');
    await expect(workshop.start(asked())).rejects.toMatchObject({
      problems: [{ code: 'TOPIC_NOT_COMPACTED', node: 'rows' }],
    });
  });

  it('refuses state whose changelog was another', async () => {
    const workshop = await workshopWith('compact');
    await workshop.until((await workshop.start(asked('own'))).close());
    await expect(workshop.start(asked())).rejects.toMatchObject({
      problems: [{ code: 'CHANGELOG_MOVED' }],
    });
  });

  it('has standbys that read the topic too', async () => {
    const workshop = await workshopWith('compact', 2);
    const process = workshop.runtime.createProcess();
    const options = { standbyReplicas: 1, sessionTimeout: '300ms' } as const;
    const owner = await workshop.start(asked(), { ...options, process });
    const other = await workshop.start(asked(), options);
    await workshop.runtime.advance(1_000);
    const keys = Array.from({ length: 500 }, (_, index) => `k${index}=v`);
    await workshop.feed('rows', textRecords(keys));
    await workshop.until(Promise.all([owner.caughtUp(), other.caughtUp()]));
    await workshop.runtime.advance(2_000);
    expect(other.status().copies).toMatchObject([{ kind: 'standby', isReady: true }]);
    const before = other.status().restoredRecords;
    process.suspend();
    await workshop.runtime.advance(2_000);
    await workshop.until(other.caughtUp());
    expect(other.status().restoredRecords - before).toBe(0);
    await workshop.feed('asks', textRecords(keys, 1000));
    await workshop.until(other.caughtUp());
    const answers = await workshop.values('answers');
    expect(answers).toEqual(keys.map(() => 'v+v'));
  });
});
