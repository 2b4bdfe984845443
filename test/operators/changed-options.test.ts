import { describe, expect, it } from 'vitest';
import {
  type KStream,
  onClose,
  session,
  type SessionWindows,
  sliding,
  type SlidingWindows,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { Workshop } from '../support/workshop.ts';

type Words = KStream<string | null, string>;

const source = { key: string(), value: string(), maxFuture: 'off' } as const;

function topologyOf(operator: (words: Words, others: Words) => KStream<string | null, string>) {
  const builder = new TopologyBuilder('app');
  operator(builder.stream('in', source), builder.stream('other', source)).to('out');
  return builder.build();
}

type Sent = readonly [topic: 'in' | 'other', key: string, value: string, timestamp: number];

/** What leaves if the first records meet one topology and the others the next on the same state. */
async function afterChange(
  [before, after]: readonly [Topology, Topology],
  [first, then]: readonly [readonly Sent[], readonly Sent[]],
): Promise<readonly (string | null)[]> {
  const workshop = new Workshop();
  const run = async (topology: Topology, records: readonly Sent[]) => {
    for (const topic of ['in', 'other'] as const) {
      const own = records.filter(([to]) => to === topic);
      const fed = own.map(([, key, value, timestamp]) => ({ key, value, timestamp }));
      await workshop.feed(topic, fed);
    }
    const worker = await workshop.start(topology);
    await workshop.until(worker.caughtUp());
    await workshop.until(worker.close());
  };
  await run(before, first);
  await run(after, then);
  return workshop.values('out');
}

describe('deduplicate', () => {
  const within = (ms: number) =>
    topologyOf((words, others) =>
      words.merge(others).deduplicate({ name: 'once', within: ms, grace: 200 }),
    );

  it.each([
    ['longer', 45, ['first', 'far']],
    ['shorter', 3, ['first', 'near', 'far']],
    ['far longer', 150, ['first']],
  ])('finds what it let through before `within` was %s', async (_change, ms, expected) => {
    const sent: readonly Sent[] = [
      ['in', 'k', 'near', 104],
      ['in', 'k', 'far', 150],
    ];
    const values = await afterChange([within(10), within(ms)], [[['in', 'k', 'first', 100]], sent]);
    expect(values).toEqual(expected);
  });
});

describe('a join of streams', () => {
  interface Bounds {
    readonly after?: number;
    readonly grace?: number;
    readonly isInner?: boolean;
  }
  const joining = ({ after = 10, grace = 20, isInner = false }: Bounds) =>
    topologyOf((words, others) => {
      const options = { name: 'j', before: 10, after, grace, value: string() };
      const text = (l: string, r: string | null) => `${l}+${r ?? '∅'}`;
      return isInner ? words.join(others, text, options) : words.leftJoin(others, text, options);
    });

  it('with more grace what was closed stays so, and what is open stays open longer', async () => {
    // `closed` closes at 31 and `open` at 61; with grace 100 at 141.
    const values = await afterChange(
      [joining({ grace: 20 }), joining({ grace: 100 })],
      [
        [
          ['in', 'a', 'closed', 0],
          ['in', 'b', 'open', 30],
          ['in', 'x', 'now', 40],
        ],
        [
          ['in', 'x', 'now', 100],
          ['other', 'b', 'r', 35],
          ['in', 'a', 'late', 0],
        ],
      ],
    );
    expect(values).toEqual(['closed+∅', 'open+r']);
  });

  it('with less grace what is closed meets nobody any more, and still leaves', async () => {
    const values = await afterChange(
      [joining({ grace: 100 }), joining({ grace: 0 })],
      [
        [
          ['in', 'b', 'l', 30],
          ['in', 'x', 'now', 90],
        ],
        [
          ['other', 'b', 'r', 80],
          ['other', 'b', 'r', 35],
          ['in', 'x', 'now', 200],
        ],
      ],
    );
    expect(values.filter((value) => value?.startsWith('l'))).toEqual(['l+∅']);
  });

  it.each([
    ['bounds', joining({ after: 11 })],
    ['kind', joining({ isInner: true })],
  ])('other %s are refused', async (_change, next) => {
    const changed = afterChange([joining({}), next], [[['in', 'a', 'l', 0]], []]);
    await expect(changed).rejects.toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ code: 'WINDOW_CHANGED' }),
      ]) as unknown[],
    });
  });
});

it('what waits for a delay leaves at the time it was given', async () => {
  const delayed = (ms: number) =>
    topologyOf((words, others) => words.merge(others).delay(ms, { name: 'later' }));
  const values = await afterChange(
    [delayed(100), delayed(10)],
    [
      [['in', 'k', 'first', 0]],
      [
        ['in', 'k', 'second', 50],
        ['in', 'k', 'third', 99],
        ['in', 'k', 'last', 100],
      ],
    ],
  );
  expect(values).toEqual(['second', 'first']);
});

it('another rate holds from now on, with what passed before it', async () => {
  const limited = (limit: number, per: number) =>
    topologyOf((words, others) => words.merge(others).rateLimit({ name: 'calm', limit, per }));
  const first: readonly Sent[] = [0, 1, 2].map((time) => ['in', 'k', `${time}`, time]);
  const then: readonly Sent[] = [20, 21, 22].map((time) => ['in', 'k', `${time}`, time]);
  expect(await afterChange([limited(3, 10), limited(1, 19)], [first, then])).toEqual([
    '0',
    '1',
    '2',
    '21',
  ]);
  expect(await afterChange([limited(1, 10), limited(3, 21)], [first, then])).toEqual([
    '0',
    '20',
    '21',
    '22',
  ]);
});

describe('pattern', () => {
  const finding = (within: number, grace?: number) => {
    const builder = new TopologyBuilder('app');
    builder.stream('other', source);
    builder
      .stream('in', source)
      .pattern({
        name: 'found',
        steps: [
          { as: 'a', where: (value) => value.startsWith('a') },
          { as: 'b', where: (value) => value.startsWith('b') },
        ],
        within,
        ...(grace === undefined ? {} : { grace }),
        timedOut: (runs) => {
          runs.mapValues(({ a }) => `${a.value} alone`, { value: string() }).to('out');
        },
      })
      .mapValues(({ a, b }) => a.value + b.value, { value: string() })
      .to('out');
    return builder.build();
  };
  const began: readonly Sent[] = [
    ['in', 'k', 'a1', 0],
    ['in', 'j', 'a2', 5],
  ];

  it('a run lives as long as `within` says now, whatever its timer was set for', async () => {
    const sent: readonly Sent[] = [
      ['in', 'k', 'b1', 40],
      ['in', 'x', 'now', 1000],
    ];
    const longer = await afterChange([finding(10), finding(50)], [began, sent]);
    expect(longer).toEqual(['a1b1', 'a2 alone']);
    const shorter = await afterChange([finding(50), finding(10)], [began, sent]);
    expect(shorter).toEqual(['a1 alone', 'a2 alone']);
  });

  it('events that wait come at their time, also where there is no grace any more', async () => {
    const sent: readonly Sent[] = [
      ['in', 'k', 'b1', 7],
      ['in', 'x', 'now', 1000],
    ];
    // `a1` comes at 20, when `b1` was taken as it came and found nothing.
    const without = await afterChange([finding(10, 20), finding(10)], [began, sent]);
    expect(without).toEqual(['a1 alone', 'a2 alone']);
    const shorter = await afterChange([finding(10, 20), finding(10, 30)], [began, sent]);
    expect(shorter).toEqual(['a1b1', 'a2 alone']);
  });
});

describe('windows with ends of their own', () => {
  type Moving = SessionWindows | SlidingWindows;
  const counting = (windows: Moving, retention: number) =>
    topologyOf((words, others) => {
      const grouped = words.merge(others).selectKey((_word, key) => String(key), { key: string() });
      const options = { name: 'counts', emit: onClose(), retention };
      const counts =
        windows.kind === 'session'
          ? grouped.groupByKey().windowedBy(windows).count(options).toStream()
          : grouped.groupByKey().windowedBy(windows).count(options).toStream();
      return counts
        .selectKey((_count, { key }) => key, { key: string() })
        .mapValues((count) => `${count}`, { value: string() });
    });
  const kinds: Record<string, (grace: number) => Moving> = {
    session: (grace) => session(10, { grace }),
    sliding: (grace) => sliding(10, { grace }),
  };

  it.each(
    Object.keys(kinds).flatMap((kind) => [
      [kind, 'retention began', [0, 50], [5, 5]] as const,
      [kind, 'retention ended', [50, 0], [5, 5]] as const,
      [kind, 'grace grew', [0, 0], [5, 50]] as const,
      [kind, 'grace shrank', [0, 0], [50, 5]] as const,
      [kind, 'grace shrank under a retention', [50, 50], [50, 5]] as const,
    ]),
  )('of %s are told once each, though %s', async (kind, _change, retention, grace) => {
    const windows = kinds[kind] as (grace: number) => Moving; // one of the names
    const topologies = [
      counting(windows(grace[0]), retention[0]),
      counting(windows(grace[1]), retention[1]),
    ] as const;
    const first: readonly Sent[] = [
      ['in', 'a', 'x', 100],
      ['in', 'b', 'x', 130],
      ['in', 'c', 'x', 160],
    ];
    const then: readonly Sent[] = [
      ['in', 'd', 'x', 161],
      ['in', 'e', 'x', 1000],
      ['in', 'f', 'x', 2000],
    ];
    const told = await afterChange(topologies, [first, then]);
    expect(told).toEqual(['1', '1', '1', '1', '1']);
  });
});
