import { afterEach, describe, expect, it } from 'vitest';
import {
  embedded,
  type EmbeddedLog,
  int64,
  LogError,
  memoryBackend,
  onClose,
  produce,
  readCommitted,
  run,
  string,
  type Topology,
  TopologyBuilder,
  tumbling,
} from '../../../src/index.ts';

const words = { key: string(), value: string() };
const counted = { key: string(), value: int64() };

/** Names of a count, of windows, and of a repartition point, each with the one of before. */
interface Names {
  readonly count?: string;
  readonly windows?: string;
  readonly point?: string;
  /** Declares the names of before. */
  readonly isDeclared?: boolean;
}

function topologyOf({
  count = 'counts',
  windows = 'windows',
  point = 'by-value',
  isDeclared = true,
}: Names): Topology {
  const from = (own: string, before: string) =>
    own === before || !isDeclared ? {} : { renamedFrom: before };
  const builder = new TopologyBuilder('renamed');
  const input = builder.stream('words', words);
  const grouped = input.groupBy((value) => value, {
    name: point,
    key: string(),
    ...from(point, 'by-value'),
  });
  grouped
    .count({ name: count, ...from(count, 'counts') })
    .toStream()
    .to('counts-out');
  grouped
    .windowedBy(tumbling('1s', { grace: 0 }))
    .count({ name: windows, emit: onClose(), ...from(windows, 'windows') })
    .toStream()
    .selectKey((_value, { key }) => key, { key: string() })
    .to('windows-out', { value: int64() });
  return builder.build();
}

let logs: EmbeddedLog[] = [];
const newLog = (options: Parameters<typeof embedded>[0] = {}): EmbeddedLog => {
  const log = embedded({ partitions: 1, ...options });
  logs.push(log);
  return log;
};
afterEach(async () => {
  for (const log of logs) await log.close();
  logs = [];
});

async function send(log: EmbeddedLog, ...rows: readonly (readonly [string, number])[]) {
  const records = rows.map(([value, timestamp]) => ({ key: value, value, timestamp }));
  await produce(log, 'words', words, records);
}

async function runOnce(log: EmbeddedLog, names: Names): Promise<void> {
  const worker = await run(topologyOf(names), { log, state: memoryBackend(), instanceId: 'one' });
  await worker.caughtUp();
  await worker.close();
}

async function out(log: EmbeddedLog, topic: string): Promise<string[]> {
  const records = await readCommitted(log, topic, counted);
  return records.map(({ key, value }) => `${key}=${value}`);
}

describe('what was renamed', () => {
  it('keeps rows, timers and closed windows', async () => {
    const log = newLog();
    await send(log, ['a', 0], ['a', 1_500], ['a', 1_600]);
    await runOnce(log, {});
    expect(await out(log, 'windows-out')).toEqual(['a=1']);
    await send(log, ['a', 10], ['a', 5_000]);
    await runOnce(log, { count: 'totals', windows: 'seconds' });
    expect(await out(log, 'counts-out')).toEqual(['a=1', 'a=2', 'a=3', 'a=4', 'a=5']);
    // The window from 1 s fires by the timer of before; the record at 10 ms came too late.
    expect(await out(log, 'windows-out')).toEqual(['a=1', 'a=2']);
  });

  it('keeps the records on their way through a repartition point', async () => {
    const log = newLog();
    await send(log, ['a', 0]);
    await runOnce(log, {});
    const onTheWay = [{ key: 'a', value: 'a', timestamp: 7 }];
    await produce(log, 'renamed-by-value-repartition', words, onTheWay);
    await runOnce(log, { point: 'by-word' });
    expect(await out(log, 'counts-out')).toEqual(['a=1', 'a=2']);
    await send(log, ['a', 8]);
    await runOnce(log, { point: 'by-word' });
    expect(await out(log, 'counts-out')).toEqual(['a=1', 'a=2', 'a=3']);
  });

  it('is taken over once: later starts find it done, declared or not', async () => {
    const log = newLog();
    await send(log, ['a', 0]);
    await runOnce(log, {});
    for (const isDeclared of [true, true, false]) {
      await send(log, ['a', 1]);
      await runOnce(log, { count: 'totals', isDeclared });
    }
    expect(await out(log, 'counts-out')).toEqual(['a=1', 'a=2', 'a=3', 'a=4']);
  });

  it('is refused as missing where it is not declared', async () => {
    const log = newLog();
    await send(log, ['a', 0]);
    await runOnce(log, {});
    const started = runOnce(log, { count: 'totals', isDeclared: false });
    await expect(started).rejects.toMatchObject({ code: 'STORE_MISSING' });
  });

  it('overwrites what an earlier life of the name has left', async () => {
    const log = newLog();
    await send(log, ['b', 0]);
    await runOnce(log, { count: 'totals' });
    await log.admin.deleteTopics(['renamed-manifest']);
    await send(log, ['a', 1]);
    await runOnce(log, {});
    await send(log, ['b', 2], ['a', 3]);
    await runOnce(log, { count: 'totals' });
    expect((await out(log, 'counts-out')).slice(-2)).toEqual(['b=1', 'a=2']);
  });

  it.each(['produce', 'send-offsets', 'commit'])(
    'is whole where %s fails on the way, and taken over by the next start',
    async (broken) => {
      let isBroken = false;
      const log = newLog({
        intercept: ({ api }, go) => {
          if (!isBroken || api !== broken) return go();
          isBroken = false;
          throw new LogError('fatal', 'INJECTED_FAULT', 'not now');
        },
      });
      await send(log, ['a', 0], ['b', 1]);
      await runOnce(log, {});
      isBroken = true;
      const names = { count: 'totals', point: 'by-word' };
      await expect(runOnce(log, names)).rejects.toMatchObject({ code: 'INJECTED_FAULT' });
      isBroken = false;
      await send(log, ['a', 2], ['b', 3]);
      await runOnce(log, names);
      expect((await out(log, 'counts-out')).sort()).toEqual(['a=1', 'a=2', 'b=1', 'b=2']);
    },
  );

  it('is not touched while a worker with the old names runs', async () => {
    const log = newLog();
    await send(log, ['a', 0]);
    const worker = await run(topologyOf({}), { log, state: memoryBackend(), instanceId: 'old' });
    await worker.caughtUp();
    await expect(runOnce(log, { count: 'totals' })).rejects.toMatchObject({
      code: 'GROUP_NOT_EMPTY',
    });
    await send(log, ['a', 1]);
    await worker.caughtUp();
    await worker.close();
    expect(await out(log, 'counts-out')).toEqual(['a=1', 'a=2']);
  });

  it('is taken over by one of the workers that start together', async () => {
    const log = newLog();
    await send(log, ['a', 0], ['b', 1]);
    await runOnce(log, {});
    const topology = topologyOf({ count: 'totals', windows: 'seconds', point: 'by-word' });
    const workers = await Promise.all(
      ['one', 'two', 'three'].map((instanceId) =>
        run(topology, { log, state: memoryBackend(), instanceId }),
      ),
    );
    await send(log, ['a', 2]);
    // A task may have no worker for a moment, while the group takes the later ones in.
    while (!(await out(log, 'counts-out')).includes('a=2')) {
      await Promise.all(workers.map((worker) => worker.caughtUp()));
    }
    await Promise.all(workers.map((worker) => worker.close()));
    expect((await out(log, 'counts-out')).sort()).toEqual(['a=1', 'a=2', 'b=1']);
  });
});

describe('a name of before', () => {
  it('must be free', () => {
    const builder = new TopologyBuilder('renamed');
    const grouped = builder.stream('words', words).groupByKey();
    grouped.count({ name: 'counts' });
    grouped.count({ name: 'totals', renamedFrom: 'counts' });
    expect(() => builder.build()).toThrow(/'totals' is renamed from 'counts'/);
  });
});
