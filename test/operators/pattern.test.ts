import { describe, expect, it } from 'vitest';
import {
  headersOf,
  type MatchedEvent,
  type PatternOptions,
  type PatternStep,
  string,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { thrownBy } from '../support/thrown.ts';

type Step = PatternStep<string, string>;
type Options = Omit<PatternOptions<string, string, readonly Step[]>, 'name' | 'steps'>;

/** A step for each name, which takes values that begin with it. */
function following(names: readonly string[], options: Options) {
  const builder = new TopologyBuilder('test');
  const steps = names.map((as): Step => ({ as, where: (value) => value.startsWith(as) }));
  builder
    .stream('in', { key: string(), value: string(), tombstones: 'keep' })
    .pattern({
      name: 'found',
      steps,
      timedOut: (stream) => stream.to('timed-out'),
      late: (stream) => stream.to('late'),
      ...options,
    })
    .to('out');
  return builder.build();
}

/** `'a1@5'` or, for another key than 'k', `'j:a1@5'`. */
function events(...texts: readonly string[]) {
  return texts.map((text) => {
    const [, key = 'k', value = '', time] = /^(?:(\w+):)?(\w+)@(\d+)$/.exec(text) ?? [];
    return { topic: 'in', key, value, timestamp: Number(time) };
  });
}

/** The events by the first letter of their values, which is the name of their step. */
function match(...texts: readonly string[]) {
  const named = events(...texts).map(({ value, timestamp }) => [
    value.charAt(0),
    { value, timestamp },
  ]);
  return Object.fromEntries(named) as Record<string, MatchedEvent<string>>; // as made above
}

const found = (timestamp: number, ...texts: readonly string[]) => ({
  key: events(...texts)[0]?.key,
  value: match(...texts),
  timestamp,
});

describe('runs', () => {
  it('a match has its events by name, and the greatest of their times', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b', 'c'], { within: 10 }),
      input: events('a1@3', 'x@4', 'b1@9', 'j:c1@9', 'c1@5'),
      output: { out: [found(9, 'a1@3', 'b1@9', 'c1@5')], 'timed-out': [] },
      drops: [],
    }));

  it('matches share no event, and the oldest beginning wins', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 10 }),
      input: events('a1@0', 'a2@3', 'b1@5', 'b2@6', 'a3@10', 'b3@20', 'a4@30', 'b4@41'),
      output: {
        out: [found(5, 'a1@0', 'b1@5'), found(20, 'a3@10', 'b3@20')],
        'timed-out': [found(40, 'a4@30')],
      },
    }));

  it('overlapping: one event ends each run that waits for it, the oldest first', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 10, matches: 'overlapping' }),
      input: events('a1@0', 'a2@3', 'b1@5', 'b2@6'),
      output: { out: [found(5, 'a1@0', 'b1@5'), found(5, 'a2@3', 'b1@5')] },
    }));

  it('an event goes on with some runs and begins another', () => {
    const builder = new TopologyBuilder('test');
    const isSmall = (value: string) => value < 'm';
    builder
      .stream('in', { key: string(), value: string() })
      .pattern({
        name: 'found',
        steps: [
          { as: 'first', where: isSmall },
          { as: 'second', where: isSmall },
          { as: 'third', where: (value) => !isSmall(value) },
        ],
        within: 10,
        matches: 'overlapping',
      })
      .to('out');
    const event = (value: string, timestamp: number) => ({ value, timestamp });
    const third = event('z', 3);
    const of = (first: object, second: object) => ({
      key: 'k',
      value: { first, second, third },
      timestamp: 3,
    });
    return expectInEveryRunMode({
      topology: builder.build(),
      input: events('a@1', 'b@2', 'c@2', 'z@3'),
      output: {
        out: [of(event('a', 1), event('b', 2)), of(event('b', 2), event('c', 2))],
      },
    });
  });

  it('a pattern of one step matches each event that fits, and keeps nothing', async () => {
    const topology = following(['a'], { within: 0 });
    await expectInEveryRunMode({
      topology,
      input: events('a1@5', 'x@5', 'a2@3'),
      output: { out: [found(5, 'a1@5'), found(3, 'a2@3')], 'timed-out': [] },
    });
    const driver = new TopologyTestDriver(topology);
    driver.send('in', events('a1@5'));
    expect(driver.store('found').entries()).toEqual([]);
  });

  it('a match carries the headers of the event that completed it, a timeout none', () => {
    const driver = new TopologyTestDriver(following(['a', 'b'], { within: 10, grace: 5 }));
    const headers = (text: string) => headersOf([['h', Buffer.from(text)]]);
    for (const event of events('a1@0', 'b1@3', 'a2@4', 'x@50')) {
      driver.send('in', { ...event, headers: headers(event.value) });
    }
    const [matched] = driver.read('out');
    expect(String(matched?.headers.get('h'))).toBe('b1');
    expect(driver.read('timed-out').map((record) => record.headers.size)).toEqual([0]);
  });

  it('null keys and null values are dropped, the key first', () =>
    expectInEveryRunMode({
      topology: following(['a'], { within: 10 }),
      input: [
        { topic: 'in', key: null, value: 'a', timestamp: 1 },
        { topic: 'in', key: 'k', value: null, timestamp: 1 },
        { topic: 'in', key: null, value: null, timestamp: 1 },
      ],
      output: { out: [] },
      drops: ['null-key', 'null-value', 'null-key'],
    }));
});

describe('time', () => {
  it('the last event may come `within` after the first, and no later', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 10 }),
      input: events('a1@0', 'b1@10', 'a2@20', 'b2@31'),
      output: { out: [found(10, 'a1@0', 'b1@10')], 'timed-out': [found(30, 'a2@20')] },
    }));

  it('an event older than the first is not taken', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 10 }),
      input: events('a1@5', 'b1@4', 'b2@5'),
      output: { out: [found(5, 'a1@5', 'b2@5')] },
    }));

  it('a beginning whose time is over is timed out at once', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 10 }),
      input: events('x@50', 'a1@39', 'b1@40', 'a2@40', 'b2@50'),
      output: { out: [found(50, 'a2@40', 'b2@50')], 'timed-out': [found(49, 'a1@39')] },
    }));

  it('what timed out has the steps that came, whatever their number', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b', 'c'], { within: 10 }),
      input: events('a1@0', 'b1@4', 'j:a2@5', 'x@1000000'),
      output: { out: [], 'timed-out': [found(10, 'a1@0', 'b1@4'), { ...found(15, 'j:a2@5') }] },
    }));

  it('with grace events are taken in the order of their times, equal ones as they came', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 10, grace: 5 }),
      input: events('b1@4', 'a1@2', 'b2@3', 'b3@3', 'x@50'),
      output: { out: [found(3, 'a1@2', 'b2@3')], 'timed-out': [] },
      drops: [],
    }));

  it('an event at the very edge of the grace is taken, one later is late', () =>
    expectInEveryRunMode({
      topology: following(['a'], { within: 10, grace: 5 }),
      input: events('x@20', 'a1@15', 'a2@14', 'x@50'),
      output: {
        out: [found(15, 'a1@15')],
        late: [{ key: 'k', value: 'a2', timestamp: 14 }],
      },
      drops: ['late'],
    }));

  it('with grace a run is timed out when nothing can come for it any more', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 10, grace: 5 }),
      input: events('a1@0', 'x@15', 'b1@10', 'a2@20', 'x@36', 'b2@30'),
      output: {
        out: [found(10, 'a1@0', 'b1@10')],
        'timed-out': [found(30, 'a2@20')],
        late: [{ key: 'k', value: 'b2', timestamp: 30 }],
      },
    }));
});

describe('bounds', () => {
  it('above `maxRuns` the oldest run ends as run-limit, and is not timed out', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 10, maxRuns: 2, matches: 'overlapping' }),
      input: events('a1@0', 'a2@1', 'a3@2', 'j:a4@3', 'b1@4', 'x@50'),
      output: {
        out: [found(4, 'a2@1', 'b1@4'), found(4, 'a3@2', 'b1@4')],
        'timed-out': [found(13, 'j:a4@3')],
      },
      drops: ['run-limit'],
    }));

  it('runs of one time are timed out in the order in which they began', () =>
    expectInEveryRunMode({
      topology: following(['a', 'b'], { within: 0, maxRuns: 2 }),
      input: events('a1@5', 'a2@5', 'a3@5', 'x@6'),
      output: { 'timed-out': [found(5, 'a2@5'), found(5, 'a3@5')] },
      drops: ['run-limit'],
    }));

  it('a run that ends for the limit is told by its first event', () => {
    const driver = new TopologyTestDriver(following(['a', 'b', 'c'], { within: 10, maxRuns: 1 }));
    driver.send('in', events('a1@0', 'b1@1', 'a2@2'));
    const [drop, ...others] = driver.drops();
    expect(drop).toMatchObject({ node: 'found', reason: 'run-limit', offset: 2 });
    expect(drop?.record).toMatchObject({ key: 'k', value: 'a1', timestamp: 0 });
    expect(others).toEqual([]);
  });

  it('a hot key keeps no more than its runs, and nothing once they have ended', () => {
    const driver = new TopologyTestDriver(following(['a', 'b'], { within: 1000, maxRuns: 5 }));
    for (let at = 0; at < 200; at += 1) driver.send('in', events(`a@${at}`));
    const [row] = driver.store('found').entries();
    expect(row).toMatchObject(['k', { length: 5 }]);
    driver.send('in', events('b@200'));
    expect(driver.store('found').entries()).toEqual([]);
    driver.send('in', events('a@300', 'x@2000'));
    expect(driver.store('found').entries()).toEqual([]);
    expect(driver.read('timed-out')).toHaveLength(1);
  });
});

describe('errors', () => {
  const failing = (grace?: number) => {
    const builder = new TopologyBuilder('test');
    const where = (prefix: string) => (value: string) => {
      if (value === 'bad') throw new Error('boom');
      return value.startsWith(prefix);
    };
    builder
      .stream('in', { key: string(), value: string() })
      .pattern({
        name: 'found',
        steps: [
          { as: 'a', where: where('a') },
          { as: 'b', where: where('b') },
        ],
        within: 10,
        onError: 'drop',
        ...(grace === undefined ? {} : { grace }),
      })
      .to('out');
    return builder.build();
  };

  it.each([undefined, 2])('a predicate that throws loses its own event alone, grace %s', (grace) =>
    expectInEveryRunMode({
      topology: failing(grace),
      input: events('a1@1', 'bad@2', 'b1@2', 'x@50'),
      output: { out: [found(2, 'a1@1', 'b1@2')] },
      drops: ['processing'],
    }),
  );

  it('a stream whose key was changed is refused, in words that say what to do', () => {
    const build = (isRepartitioned: boolean) => {
      const builder = new TopologyBuilder('test');
      const serdes = { key: string(), value: string() };
      const moved = builder.stream('in', serdes).selectKey((value) => value, { key: string() });
      const steps = [{ as: 'a', where: () => true }];
      const stream = isRepartitioned ? moved.repartition({ name: 'moved' }) : moved;
      stream.pattern({ name: 'found', steps, within: 10 }).to('out');
      return builder.build();
    };
    const error = thrownBy(() => build(false));
    expect(error).toMatchObject({ code: 'INVALID_TOPOLOGY' });
    expect(String(error)).toContain('repartition({ name })');
    expect(() => build(true)).not.toThrow();
  });

  it.each<[string, readonly string[], Options]>([
    ['BAD_OPTION', [], { within: 10 }],
    ['BAD_OPTION', ['a', 'b', 'a'], { within: 10 }],
    ['BAD_OPTION', ['a'], { within: 10, maxRuns: 0 }],
    ['BAD_OPTION', ['a'], { within: 10, maxRuns: 1.5 }],
    ['BAD_DURATION', ['a'], { within: -1 }],
    ['BAD_DURATION', ['a'], { within: 1, grace: 0.5 }],
    ['BAD_WINDOW', ['a'], { within: 8e15 }],
  ])('%s: steps %j, %j', (code, names, options) => {
    expect(thrownBy(() => following(names, options))).toMatchObject({ code });
  });
});
