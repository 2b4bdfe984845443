import { describe, expect, it } from 'vitest';
import { type KStream, type RateLimitOptions, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { at, out } from '../support/records.ts';

type Options = Omit<RateLimitOptions<string | null, string | null>, 'name'>;

const source = { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' } as const;

function limited(options: Options) {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', source)
    .rateLimit({ name: 'calm', ...options })
    .to('out');
  return builder.build();
}

describe('rateLimit', () => {
  it('no stretch of `per` has more than `limit`; what is dropped takes no room', async () => {
    await expectInEveryRunMode({
      topology: limited({ limit: 2, per: 10 }),
      input: [
        at('k', 0),
        at('k', 5),
        at('k', 9),
        at('j', 9),
        at('k', 10),
        at('k', 14),
        at('k', 15),
      ],
      output: { out: [out('k', 0), out('k', 5), out('j', 9), out('k', 10), out('k', 15)] },
      drops: ['rate-limit', 'rate-limit'],
    });
  });

  it('counts at the stream time of arrival, whatever the timestamps say', async () => {
    await expectInEveryRunMode({
      topology: limited({ limit: 1, per: 10 }),
      input: [at('x', 50), at('k', 1), at('k', 30), at('k', 60)],
      output: { out: [out('x', 50), out('k', 1), out('k', 60)] },
      drops: ['rate-limit'],
    });
  });

  it('with `maxDelay` excess waits for room; what would wait longer is dropped', async () => {
    await expectInEveryRunMode({
      topology: limited({
        limit: 1,
        per: 10,
        maxDelay: 20,
        excess: (side: KStream<string | null, string | null>) => side.to('excess'),
      }),
      input: [
        at('k', 0, 'a'),
        at('k', 1, 'b'),
        at('k', 2, 'c'),
        at('k', 3, 'd'),
        at('x', 10),
        at('k', 15, 'e'),
        at('x', 100),
      ],
      output: {
        out: [
          out('k', 0, 'a'),
          out('k', 1, 'b'),
          out('x', 10),
          out('k', 2, 'c'),
          out('k', 15, 'e'),
          out('x', 100),
        ],
        excess: [out('k', 3, 'd')],
      },
      drops: ['rate-limit'],
    });
  });

  it('with `by` keys do not matter, null keys pass, and a null identity is dropped', async () => {
    await expectInEveryRunMode({
      topology: limited({ limit: 1, per: 10, by: (value) => value }),
      input: [at('a', 1, 'x'), at(null, 2, 'x'), at(null, 3, 'y'), at('b', 4, null)],
      output: { out: [out('a', 1, 'x'), out(null, 3, 'y')] },
      drops: ['rate-limit', 'null-key'],
    });
  });

  it('forgets a key once `per` has gone by without it', () => {
    const driver = new TopologyTestDriver(limited({ limit: 3, per: 10 }));
    for (const time of [0, 4, 8]) driver.send('in', at('k', time));
    driver.send('in', at('x', 17));
    expect(driver.store('calm').entries()).toHaveLength(2);
    driver.send('in', at('x', 18));
    expect(
      driver
        .store('calm')
        .entries()
        .map(([key]) => key),
    ).toEqual(['x']);
  });

  it('is refused behind a change of key, with no limit, and with no time', () => {
    const builder = new TopologyBuilder('test');
    const rekeyed = builder.stream('in', source).selectKey(() => 'k', { key: string() });
    rekeyed.rateLimit({ name: 'calm', limit: 1, per: 10 }).to('out');
    expect(() => builder.build()).toThrow(/put `repartition\(\{ name \}\)` in front of it/);
    for (const limit of [0, 1.5, NaN, 10_001]) {
      const build = () => limited({ limit, per: 10 });
      expect(build).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
    }
    const build = () => limited({ limit: 1, per: 0 });
    expect(build).toThrow(expect.objectContaining({ code: 'BAD_WINDOW' }));
  });
});
