import { describe, expect, it } from 'vitest';
import type { Admin } from '../../../src/core/log/port.ts';
import { LogError, onUpdate, string, TopologyBuilder, type Worker } from '../../../src/index.ts';
import { textRecords, Workshop } from '../../support/workshop.ts';
import { overriding } from '../../torture/overriding.ts';
import { recordingLogger } from './recording-logger.ts';

const intervalMs = 30_000;
const passing = 'app-by-value-repartition';
const text = { key: string(), value: string() };

function counting(source = 'in') {
  const builder = new TopologyBuilder('app');
  builder
    .stream(source, text)
    .groupBy((value) => value, { name: 'by-value', key: string() })
    .count({ name: 'counts', emit: onUpdate() })
    .toStream()
    .mapValues((count, key) => `${key}${count}`, { value: string() })
    .to('out');
  return builder.build();
}

async function endsOf({ log }: Workshop, topic: string) {
  const [ends] = await log.admin.ends([{ topic, partition: 0 }]);
  return ends;
}

async function committedOf({ log }: Workshop) {
  const [committed] = await log.admin.committedOffsets('app', [{ topic: passing, partition: 0 }]);
  return committed?.offset;
}

/** Feeds and lets it be committed. */
async function count(workshop: Workshop, worker: Worker, texts: readonly string[]) {
  await workshop.feed('in', textRecords(texts));
  await workshop.until(worker.caughtUp());
}

/** The workshop's log with another answer to some of the questions. */
function withAdmin({ log }: Workshop, overrides: Partial<Admin>) {
  return overriding(log, { admin: overriding(log.admin, overrides) });
}

describe('a repartition topic', () => {
  it('begins where its reader has committed; those of user and state are left', async () => {
    const workshop = new Workshop();
    const worker = await workshop.start(counting());
    await count(workshop, worker, ['k=a', 'k=b', 'k=a']);
    expect((await endsOf(workshop, passing))?.logStartOffset).toBe(0);
    await workshop.runtime.advance(intervalMs);
    const committed = await committedOf(workshop);
    expect(committed).toBeGreaterThanOrEqual(3);
    expect((await endsOf(workshop, passing))?.logStartOffset).toBe(committed);
    for (const topic of ['in', 'out', 'app-counts-changelog', 'app-by-value-progress']) {
      expect((await endsOf(workshop, topic))?.logStartOffset, topic).toBe(0);
    }
  });

  it('keeps what is read, but not committed', async () => {
    const workshop = new Workshop();
    const worker = await workshop.start(counting(), { commitInterval: '1 hour' });
    await count(workshop, worker, ['k=a']);
    await workshop.runtime.advance(intervalMs);
    const committed = await committedOf(workshop);
    await workshop.feed(passing, textRecords(['x=a', 'y=b'], 1000));
    await workshop.runtime.advance(3 * intervalMs);
    const streamTimes = worker.status().tasks.map(({ streamTimeMs }) => streamTimeMs);
    expect(Math.max(...streamTimes)).toBe(1001);
    const ends = await endsOf(workshop, passing);
    expect(ends?.logStartOffset).toBe(committed);
    expect(ends?.logEndOffset).toBeGreaterThan(committed ?? Infinity);
  });

  it('is gone on with after a restart, with state and without', async () => {
    const workshop = new Workshop();
    for (const instanceId of ['one', 'two', 'three']) {
      const worker = await workshop.start(counting(), { instanceId });
      await count(workshop, worker, ['k=a', 'k=b']);
      await workshop.runtime.advance(intervalMs);
      expect((await endsOf(workshop, passing))?.logStartOffset).toBe(await committedOf(workshop));
      await workshop.until(worker.close());
    }
    expect(await workshop.values('out')).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  it('is a user topic if the user reads one that is called so', async () => {
    const workshop = new Workshop();
    const source = 'other-by-key-repartition';
    const shape = { topic: source, partitions: 1, cleanup: 'delete', settings: {} } as const;
    await workshop.log.admin.createTopics([shape]);
    await workshop.feed(source, textRecords(['k=a']));
    const worker = await workshop.start(counting(source));
    await workshop.until(worker.caughtUp());
    await workshop.runtime.advance(intervalMs);
    expect((await endsOf(workshop, source))?.logStartOffset).toBe(0);
    expect((await endsOf(workshop, passing))?.logStartOffset).toBeGreaterThan(0);
  });

  it('is left where another program has committed the offset', async () => {
    const workshop = new Workshop();
    const committedOffsets: Admin['committedOffsets'] = async (...asked) => {
      const committed = await workshop.log.admin.committedOffsets(...asked);
      return committed.map((own) => own && { ...own, metadata: '' });
    };
    const log = withAdmin(workshop, { committedOffsets });
    const worker = await workshop.start(counting(), { log });
    await count(workshop, worker, ['k=a']);
    await workshop.runtime.advance(2 * intervalMs);
    expect((await endsOf(workshop, passing))?.logStartOffset).toBe(0);
  });
});

describe('a purge', () => {
  it('asks for a deletion only where the committed offset has moved', async () => {
    const workshop = new Workshop();
    const deleted: (number | undefined)[] = [];
    const deleteRecords: Admin['deleteRecords'] = (before) => {
      deleted.push(...before.map(({ offset }) => offset));
      return workshop.log.admin.deleteRecords(before);
    };
    const log = withAdmin(workshop, { deleteRecords });
    const worker = await workshop.start(counting(), { log });
    await workshop.runtime.advance(2 * intervalMs);
    await count(workshop, worker, ['k=a']);
    const first = await committedOf(workshop);
    await workshop.runtime.advance(3 * intervalMs);
    await count(workshop, worker, ['k=a']);
    await workshop.runtime.advance(3 * intervalMs);
    expect(deleted).toEqual([first, await committedOf(workshop)]);
  });

  it('that takes long is not overtaken by the next, and ends with the worker', async () => {
    const workshop = new Workshop();
    let asked = 0;
    let deletions = 0;
    const log = withAdmin(workshop, {
      committedOffsets: async (...places) => {
        if (places[1].every(({ topic }) => topic === passing)) asked += 1;
        if (asked > 1) await workshop.runtime.scheduler.sleep(10 * intervalMs);
        return workshop.log.admin.committedOffsets(...places);
      },
      deleteRecords: async () => {
        deletions += 1;
      },
    });
    const worker = await workshop.start(counting(), { log });
    await count(workshop, worker, ['k=a']);
    // The first one was asked by the restore of the task.
    await workshop.runtime.advance(9 * intervalMs);
    expect(asked).toBe(2);
    await workshop.until(worker.close());
    await workshop.runtime.advance(20 * intervalMs);
    expect([asked, deletions]).toEqual([2, 0]);
  });

  it('that fails for a moment is made up for', async () => {
    const workshop = new Workshop();
    const logger = recordingLogger();
    let failures = 2;
    const worker = await workshop.start(counting(), {
      logger,
      intercept: async ({ api }, go) => {
        if (api !== 'delete-records' || failures === 0) return go();
        failures -= 1;
        throw new LogError('retriable', 'INJECTED_FAULT', 'Not now.');
      },
    });
    await count(workshop, worker, ['k=a']);
    await workshop.runtime.advance(2 * intervalMs);
    expect((await endsOf(workshop, passing))?.logStartOffset).toBe(0);
    await workshop.runtime.advance(intervalMs);
    expect((await endsOf(workshop, passing))?.logStartOffset).toBe(await committedOf(workshop));
    const said = logger.lines.filter((line) => line.includes('purged'));
    expect(said).toEqual(Array(2).fill('debug: Repartition topics are purged later: Not now.'));
  });

  it('that is not allowed is told once and not tried again; the worker runs on', async () => {
    const workshop = new Workshop();
    const logger = recordingLogger();
    let tries = 0;
    const worker = await workshop.start(counting(), {
      logger,
      intercept: async ({ api }, go) => {
        if (api !== 'delete-records') return go();
        tries += 1;
        throw new LogError('fatal', 'NOT_AUTHORIZED', 'Grant Delete.');
      },
    });
    await count(workshop, worker, ['k=a']);
    await workshop.runtime.advance(3 * intervalMs);
    await count(workshop, worker, ['k=a']);
    await workshop.runtime.advance(3 * intervalMs);
    expect([tries, worker.state]).toEqual([1, 'running']);
    expect(logger.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn: Repartition topics are not purged any more by this worker, and grow: Grant Delete.',
    ]);
    expect(await workshop.values('out')).toEqual(['a1', 'a2']);
  });
});
