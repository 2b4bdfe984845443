import { expect, it } from 'vitest';
import {
  type KTable,
  number,
  type OnClose,
  onClose,
  type OnUpdate,
  onUpdate,
  session,
  type SessionWindows,
  sliding,
  string,
  TopologyBuilder,
  tumbling,
  type Windowed,
} from '../../src/index.ts';
import { levelDriver } from '../support/level-driver.ts';
import { memoryDriver } from '../support/memory-driver.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { play, recordOf } from './play.ts';

const source = { key: string(), value: string(), tombstones: 'keep' } as const;

function grouped() {
  const builder = new TopologyBuilder('differs');
  return { builder, records: builder.stream('in', source).groupByKey() };
}

function counting(grace = 5, emit: OnUpdate | OnClose = onUpdate()) {
  const { builder, records } = grouped();
  const windows = records.windowedBy(tumbling(10, { grace }));
  windows.count({ name: 'counts', emit }).toStream().to('out');
  return builder.build();
}

function sessions(
  windows: SessionWindows,
  of: (counts: KTable<Windowed<string>, number>) => typeof counts = (counts) => counts,
  emit: OnUpdate | OnClose = onUpdate(),
) {
  const { builder, records } = grouped();
  const counts = records.windowedBy(windows).count({ name: 'counts', retention: 100, emit });
  of(counts).toStream().to('out');
  return builder.build();
}

it('differs/D1 final results lose no window when time jumps', () => {
  const { turns } = play(counting(5, onClose()), 'A@1 B@4 A@12 A@8 A@15 B@47 A@90');
  expect(turns.slice(4)).toEqual([
    'A[0,10)=2@8 B[0,10)=1@4',
    'A[10,20)=2@15', // Kafka Streams never emits it
    'B[40,50)=1@47',
  ]);
});

it('differs/D5 one inequality closes a window: one final result of all accepted records', () => {
  const windows = session(5, { grace: 10 });
  const closing = [
    sessions(windows, (counts) => counts.suppress({ name: 'final', until: 'close' })),
    sessions(windows, (counts) => counts, onClose()),
  ];
  for (const topology of closing) {
    const { turns, drops } = play(topology, 'k@0 k@10 k@5 k@7 j@25 k@8 j@26 k@8 j@27');
    expect(turns).toEqual(['', '', '', '', '', '', 'k[0,11)=5@10', '', '']);
    expect(drops()).toEqual(['late']);
  }
});

it('differs/D6 stream time survives a restart: what was late stays late', () => {
  const { driver, send, results, drops } = play(counting(0), 'A@1 A@20');
  driver.crash();
  send('A@1');
  expect([results(), drops()]).toEqual(['', ['late']]);
});

it('differs/D7 an update inside the bounds of a session needs no tombstone', () => {
  const { turns } = play(sessions(session(5, { grace: 10 })), 'k@0 k@10 k@5 k@7');
  expect(turns.at(-2)).toBe('k[0,1)=null@0 k[10,11)=null@10 k[0,11)=3@10');
  expect(turns.at(-1)).toBe('k[0,11)=4@10');
});

it('differs/D8 every update leaves, however rarely is committed', () => {
  const input = 'A@1 A@2 B@4 A@3';
  const eager = play(counting(), input).turns;
  const rare = play(counting(), input, { commit: 'manual' });
  expect(rare.turns.join('')).toBe('');
  rare.driver.commit();
  expect(rare.results()).toBe(eager.join(' '));
});

it('differs/D9 windows count no null values', () => {
  for (const topology of [counting(), sessions(session(5, { grace: 0 }))]) {
    const { turns, drops } = play(topology, 'k:~@1');
    expect([turns, drops()]).toEqual([[''], ['null-value']]);
  }
});

it.each([
  ['memory', memoryDriver],
  ['LevelDB', levelDriver],
] as const)('differs/D12 rows of windows expire alike in %s', (_name, driver) => {
  const builder = new TopologyBuilder('differs');
  const countsOf = (topic: string, grace: number, retention: number) => {
    const windows = builder.stream(topic, source).groupByKey().windowedBy(tumbling(10, { grace }));
    return windows.count({ name: `${topic}-counts`, retention });
  };
  const joined = countsOf('A', 100, 0).leftJoin(countsOf('B', 0, 20), (a, b) => `${a}+${b}`);
  joined.toStream().to('out', { value: string() });
  const key = { key: 'k', startMs: 0, endMs: 10 };
  return expectInEveryRunMode(
    {
      topology: builder.build(),
      input: ['B/k@1', 'A/k@2', 'A/j@29', 'A/k@3', 'A/j@30', 'A/k@4'].map(recordOf),
      output: {
        out: [
          { key, value: '1+1', timestamp: 2 },
          { key: { key: 'j', startMs: 20, endMs: 30 }, value: '1+null', timestamp: 29 },
          { key, value: '2+1', timestamp: 3 },
          { key: { key: 'j', startMs: 30, endMs: 40 }, value: '1+null', timestamp: 30 },
          { key, value: '3+null', timestamp: 4 },
        ],
      },
    },
    driver,
  );
});

it('differs/X2 a window closes by records that never reach it', () => {
  const builder = new TopologyBuilder('differs');
  const kept = builder.stream('in', source).filter((value) => value === 'x');
  const windows = kept.groupByKey().windowedBy(tumbling(10, { grace: 0 }));
  windows.count({ name: 'counts', emit: onClose() }).toStream().to('out');
  expect(play(builder.build(), 'a:x@1 ~:y@12').turns).toEqual(['', 'a[0,10)=1@1']);
});

it('differs/X3 a session is open to its last millisecond, and closed whatever is retained', () => {
  const topology = sessions(session(5, { grace: 0 }));
  expect(play(topology, 'k@0 j@5 k@5').turns.at(-1)).toBe('k[0,1)=null@0 k[0,6)=2@5');
  expect(play(topology, 'k@0 j@6 k@5').turns.at(-1)).toBe('k[5,6)=1@5');
});

it('differs/X12 merging sessions starts from the first of them, not from the initializer', () => {
  const { builder, records } = grouped();
  const sums = records.windowedBy(session(5, { grace: 10 })).aggregate({
    name: 'sums',
    initializer: () => 100,
    aggregator: (sum) => sum + 1,
    merger: (earlier, later) => earlier + later,
    value: number(),
  });
  sums.toStream().to('out');
  const { turns } = play(builder.build(), 'k@0 k@10 k@5');
  expect(turns.at(-1)).toContain('k[0,11)=203@10'); // 303 in Kafka Streams
});

it('differs/X14 a record too late for sliding windows creates none behind it', () => {
  const { builder, records } = grouped();
  const windows = records.windowedBy(sliding(10, { grace: 0 }));
  windows.count({ name: 'counts' }).toStream().to('out');
  const { turns, drops } = play(builder.build(), 'a@25 b@31 a@20');
  expect(turns).toEqual(['a[15,26)=1@25', 'b[21,32)=1@31', '']);
  expect(drops()).toEqual(['late']);
});
