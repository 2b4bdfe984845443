import { expect, it } from 'vitest';
import { onClose, string, TopologyBuilder, tumbling } from '../../src/index.ts';
import { Workshop } from '../support/workshop.ts';

/** More windows than one slice of work closes. */
const windows = 20_000;
const jump = { key: 'k', value: 'jump', timestamp: 10 * windows };
/** Its window is closed by the jump, and would be open before. */
const late = { key: 'k', value: 'late', timestamp: jump.timestamp - windows - 10 };

function counting() {
  const builder = new TopologyBuilder('app');
  const serdes = { key: string(), value: string(), maxFuture: 'off' } as const;
  builder
    .stream('in', serdes)
    .merge(builder.stream('other', serdes))
    .groupByKey()
    .windowedBy(tumbling(1, { grace: windows }))
    .count({ name: 'windows', emit: onClose() })
    .toStream()
    .to('out');
  return builder.build();
}

interface Commit {
  readonly closed: number;
  readonly offset: number;
}

/** A worker before a jump that closes all windows at once, and what it commits from then on. */
async function beforeTheJump(onCommit: (commit: Commit) => Promise<void> = async () => undefined) {
  const workshop = new Workshop();
  const keyed = { key: 'k', value: 'v' };
  const records = Array.from({ length: windows }, (_, timestamp) => ({ ...keyed, timestamp }));
  await workshop.feed('in', records);
  const first = { isGone: false };
  const worker = await workshop.start(counting(), {
    maxDirtyBytes: 1,
    intercept: async ({ api }, go) => {
      if (first.isGone) return new Promise(() => undefined);
      const answer = await go();
      if (api === 'commit') {
        const [committed] = workshop.broker.committedOffsets('app', [
          { topic: 'in', partition: 0 },
        ]);
        const closed = (await workshop.read('out')).length;
        await onCommit({ closed, offset: committed?.offset ?? 0 });
      }
      return answer;
    },
  });
  await workshop.until(worker.caughtUp());
  expect(await workshop.read('out')).toEqual([]);
  await workshop.feed('in', [jump]);
  return { workshop, worker, first };
}

it('what one record makes due is committed in parts, before the record', async () => {
  const commits: Commit[] = [];
  const { workshop, worker } = await beforeTheJump(async (commit) => {
    commits.push(commit);
  });
  await workshop.until(worker.caughtUp());
  const between = commits.filter(({ closed }) => closed > 0 && closed < windows);
  expect(between).not.toEqual([]);
  expect(new Set(between.map(({ offset }) => offset))).toEqual(new Set([windows]));
  expect(commits.at(-1)).toEqual({ closed: windows, offset: windows + 1 });
  await workshop.until(worker.close());
});

/** All that came out once the jump is over, with a late record that comes in the middle of it. */
async function outputWithLate(crashes: boolean) {
  let isInTheMiddle = () => undefined as void; // what resolves the promise
  const middle = new Promise<void>((resolve) => (isInTheMiddle = resolve));
  const { workshop, worker, first } = await beforeTheJump(async ({ closed }) => {
    if (closed === 0 || closed === windows) return;
    first.isGone = crashes;
    isInTheMiddle();
  });
  await workshop.until(middle);
  await workshop.feed('other', [late]);
  const last = crashes ? await workshop.start(counting()) : worker;
  await workshop.until(last.caughtUp());
  await workshop.feed('in', [{ ...jump, timestamp: 2 * jump.timestamp }]);
  await workshop.until(last.caughtUp());
  const values = await workshop.read('out');
  await workshop.until(last.close());
  return values.map(({ key, value, timestamp }) => ({ key, value, timestamp }));
}

it('a step of time that a crash ended goes on for the record it began for', async () => {
  const output = await outputWithLate(true);
  expect(output).toHaveLength(windows + 1);
  expect(output).toEqual(await outputWithLate(false));
});
