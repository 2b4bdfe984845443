import { expect, it } from 'vitest';
import { LogError, onClose, onUpdate, string, TopologyBuilder, tumbling } from '../../src/index.ts';
import { textRecords, Workshop } from '../support/workshop.ts';

function counting() {
  const builder = new TopologyBuilder('app');
  const words = builder.stream('in', { key: string(), value: string() });
  const grouped = words.groupByKey();
  grouped.count({ name: 'counts', emit: onUpdate() }).toStream().to('out');
  const windows = grouped.windowedBy(tumbling(2, { grace: 0 }));
  windows.count({ name: 'windows', emit: onClose() }).toStream().to('closed');
  return builder.build();
}

/** How far each part of the commit is, in input records, as a reader of the log sees it. */
async function progressIn(workshop: Workshop) {
  const rows = await workshop.values('app-in-progress');
  const row = JSON.parse(rows.at(-1) ?? 'null') as ProgressText | null; // written by the engine
  const counts = await workshop.read('app-counts-changelog');
  const committed = workshop.broker.committedOffsets('app', [{ topic: 'in', partition: 0 }]);
  return {
    outputs: (await workshop.read('out')).length,
    changelog: counts.reduce((sum, { value }) => sum + (value === null ? 0 : 1), 0),
    rowOffset: row?.offsets['in'] ?? 0,
    groupOffset: committed[0]?.offset ?? 0,
    streamTimeMs: row?.clock.domains['in'] ?? -1,
    timers: (await workshop.read('app-in-timers-changelog')).length > 0,
    timerArrivals: row?.timerArrivals ?? 0,
    closed: (await workshop.read('closed')).length,
  };
}

interface ProgressText {
  readonly offsets: Readonly<Record<string, number>>;
  readonly clock: { readonly domains: Readonly<Record<string, number>> };
  readonly timerArrivals: number;
}

/** Every record has another key, so it gives one output, one row, and a window of its own. */
function inputUpTo(count: number) {
  return {
    outputs: count,
    changelog: count,
    rowOffset: count,
    groupOffset: count,
    streamTimeMs: count - 1,
    timers: count > 0,
    // One for each window end.
    timerArrivals: Math.ceil(count / 2),
    closed: Math.max(0, Math.floor((count - 1) / 2) * 2),
  };
}

const six = textRecords(['a=1', 'b=1', 'c=1', 'd=1', 'e=1', 'f=1']);

it('at every request outputs, changelogs, offsets, time, timers are at one record', async () => {
  const workshop = new Workshop();
  const reached = new Set<number>();
  const worker = await workshop.start(counting(), {
    intercept: async (_request, go) => {
      const progress = await progressIn(workshop);
      reached.add(progress.outputs);
      expect(progress).toEqual(inputUpTo(progress.outputs));
      return go();
    },
  });
  for (const record of six) {
    await workshop.feed('in', [record]);
    await workshop.until(worker.caughtUp());
  }
  await workshop.until(worker.close());
  expect([...reached].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it('and they are while the next records are taken beside the commit', async () => {
  const workshop = new Workshop();
  const reached = new Set<number>();
  let takenBeside = 0;
  const progress = { taken: () => 0 };
  const worker = await workshop.start(counting(), {
    commitInterval: '1ms',
    intercept: async ({ api }, go) => {
      const before = progress.taken();
      await workshop.runtime.scheduler.sleep(api === 'fetch' ? 0 : 3);
      if (api !== 'fetch') takenBeside += progress.taken() - before;
      const answer = await go();
      const visible = await progressIn(workshop);
      reached.add(visible.outputs);
      expect(visible).toEqual(inputUpTo(visible.outputs));
      return answer;
    },
  });
  progress.taken = () => worker.status().recordsIn;
  const keys = Array.from({ length: 40 }, (_, index) => `k${index}=1`);
  for (const record of textRecords(keys)) {
    await workshop.feed('in', [record]);
    // Uneven, so that sometimes the first record of a window falls beside a commit.
    await workshop.runtime.advance(1 + (record.timestamp % 3));
  }
  await workshop.until(worker.close());
  expect(await progressIn(workshop)).toEqual(inputUpTo(40));
  expect(reached.size).toBeGreaterThan(4);
  expect(takenBeside).toBeGreaterThan(10);
});

for (const api of ['produce', 'send-offsets', 'commit']) {
  for (const isMade of [false, true]) {
    const what = isMade ? 'whose answer is lost' : 'that fails';
    it(`a '${api}' ${what} leaves the whole commit or nothing of it`, async () => {
      const workshop = new Workshop();
      await workshop.feed('in', six.slice(0, 3));
      let failsNext = false;
      const worker = await workshop.start(counting(), {
        intercept: async (request, go) => {
          if (!failsNext || request.api !== api) return go();
          failsNext = false;
          if (isMade) await go();
          const progress = await progressIn(workshop);
          expect(progress).toEqual(inputUpTo(isMade && api === 'commit' ? 6 : 3));
          throw new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'No answer.');
        },
      });
      await workshop.until(worker.caughtUp());
      failsNext = true;
      await workshop.feed('in', six.slice(3));
      await workshop.until(worker.caughtUp());
      expect(worker.status().recoveries).toBe(1);
      expect(await progressIn(workshop)).toEqual(inputUpTo(6));
    });
  }
}
