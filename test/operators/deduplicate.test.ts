import { describe, expect, it } from 'vitest';
import {
  type DeduplicateOptions,
  type KStream,
  noHeaders,
  string,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { expectInEveryRunMode } from '../support/expect-in-every-run-mode.ts';
import { at, out } from '../support/records.ts';

type Options = Omit<DeduplicateOptions<string | null, string | null, string | null>, 'name'>;
type Side = KStream<string | null, string | null>;

const source = { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' } as const;

function unique(options: Options) {
  const builder = new TopologyBuilder('test');
  builder
    .stream('in', source)
    .deduplicate({ name: 'once', ...options })
    .to('out');
  return builder.build();
}

describe('deduplicate', () => {
  it('refuses what is less than `within` away from what it let through', async () => {
    await expectInEveryRunMode({
      topology: unique({ within: 10, grace: 100 }),
      input: [50, 41, 59, 60, 40, 49, 69, 70, 30, 55].map((time) => at('k', time)),
      output: { out: [50, 60, 40, 70, 30].map((time) => out('k', time)) },
      drops: Array.from({ length: 5 }, () => 'duplicate'),
    });
  });

  it('duplicates do not extend the time: a sender that never stops is heard again', async () => {
    await expectInEveryRunMode({
      topology: unique({ within: 10 }),
      input: [0, 4, 8, 12, 16, 20].map((time) => at('k', time)),
      output: { out: [0, 12].map((time) => out('k', time)) },
    });
  });

  it('grace is as long as `within` unless it is given; at its end a record is judged', async () => {
    const input = [at('x', 100), at('a', 90), at('a', 89), at('b', 70), at('b', 69)];
    await expectInEveryRunMode({
      topology: unique({ within: 10 }),
      input,
      output: { out: [out('x', 100), out('a', 90)] },
      drops: ['late', 'late', 'late'],
    });
    await expectInEveryRunMode({
      topology: unique({ within: 10, grace: 30 }),
      input,
      output: { out: [out('x', 100), out('a', 90), out('b', 70)] },
      drops: ['duplicate', 'late'],
    });
  });

  it('with `by` keys do not matter, null keys pass, and a null identity is dropped', async () => {
    const topology = unique({ within: 10, by: (value) => (value === '' ? null : value) });
    await expectInEveryRunMode({
      topology,
      input: [
        at('a', 1, 'x'),
        at(null, 2, 'x'),
        at(null, 3, 'y'),
        at('b', 4, ''),
        at('c', 5, null),
      ],
      output: { out: [out('a', 1, 'x'), out(null, 3, 'y')] },
      drops: ['duplicate', 'null-key', 'null-key'],
    });
  });

  it('null values pass, null keys do not', async () => {
    await expectInEveryRunMode({
      topology: unique({ within: 10 }),
      input: [at('a', 1, null), at(null, 1), at(null, 1, null), at('a', 2)],
      output: { out: [out('a', 1, null)] },
      drops: ['null-key', 'null-key', 'duplicate'],
    });
  });

  it('late records and duplicates go to the streams that ask for them, as they came', async () => {
    const topology = unique({
      within: 10,
      late: (stream: Side) => stream.to('late'),
      duplicates: (stream: Side) => stream.to('duplicates'),
    });
    await expectInEveryRunMode({
      topology,
      input: [at('k', 50), at('k', 45, 'd'), at('k', 39, 'l'), at('j', 51)],
      output: {
        out: [out('k', 50), out('j', 51)],
        late: [out('k', 39, 'l')],
        duplicates: [out('k', 45, 'd')],
      },
      drops: ['duplicate', 'late'],
    });
    const driver = new TopologyTestDriver(topology);
    driver.send('in', { ...at('k', 5), headers: noHeaders.with('h', 'x') });
    expect(driver.read('out')[0]?.headers.size).toBe(1);
  });

  it('keeps no more than `within` and grace ask for', () => {
    const driver = new TopologyTestDriver(unique({ within: 10, grace: 20 }));
    for (let time = 0; time < 1000; time += 2) driver.send('in', at(`k${time}`, time));
    // 30 for judging, and a stretch of 10 that goes at once.
    expect(driver.store('once').entries().length).toBeLessThanOrEqual(41 / 2);
  });

  it('is refused behind a change of key', () => {
    const builder = new TopologyBuilder('test');
    const rekeyed = builder.stream('in', source).selectKey((value) => value, { key: string() });
    rekeyed.deduplicate({ name: 'once', within: 10 }).to('out');
    expect(() => builder.build()).toThrow(/put `repartition\(\{ name \}\)` in front of it/);
    const repaired = new TopologyBuilder('test');
    repaired
      .stream('in', source)
      .selectKey((value) => value, { key: string() })
      .repartition({ name: 'again' })
      .deduplicate({ name: 'once', within: 10 })
      .to('out');
    expect(() => repaired.build()).not.toThrow();
  });

  it('a `within` of 0 would find nothing, so it is refused', () => {
    expect(() => unique({ within: 0 })).toThrow(expect.objectContaining({ code: 'BAD_WINDOW' }));
  });

  it('a `by` without a return is UNDEFINED_VALUE', () => {
    const by = (() => undefined) as unknown as () => string;
    const driver = new TopologyTestDriver(unique({ within: 10, by }));
    const send = () => driver.send('in', at('k', 1));
    expect(send).toThrow(expect.objectContaining({ code: 'UNDEFINED_VALUE' }));
  });
});
