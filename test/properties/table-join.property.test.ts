import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KTable, string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

type Table = KTable<string, string>;
type Text = string | null;

interface Sent {
  readonly topic: 'left' | 'right';
  readonly key: string;
  readonly value: Text;
  readonly timestamp: number;
}

const sentRecord: fc.Arbitrary<Sent> = fc.record({
  topic: fc.constantFrom('left', 'right'),
  key: fc.constantFrom('a', 'b'),
  value: fc.constantFrom('x', 'yy', null),
  timestamp: fc.nat(20),
});

const serdes = { key: string(), value: string(), maxFuture: 'off' } as const;
const pair = (left: Text, right: Text) => `${left ?? '-'}|${right ?? '-'}`;
const isLong = (text: string) => text.length > 1;

const wants = {
  inner: (left: Text, right: Text) => left !== null && right !== null,
  left: (left: Text) => left !== null,
  outer: (left: Text, right: Text) => left !== null || right !== null,
};

/** The last row of a key on a side. */
function lastOf(
  sent: readonly Sent[],
  topic: string,
  key: string,
  passes: (text: string) => boolean,
) {
  const last = sent.findLast((record) => record.topic === topic && record.key === key);
  return last === undefined || last.value === null || !passes(last.value) ? null : last;
}

/** After each record the join of the last rows, where there was or is one. */
function naive(sent: readonly Sent[], type: keyof typeof wants, passes: (text: string) => boolean) {
  const joined = (until: number, key: string) => {
    const [left, right] = (['left', 'right'] as const).map((topic) => {
      return lastOf(sent.slice(0, until), topic, key, topic === 'right' ? passes : () => true);
    }) as [Sent | null, Sent | null]; // two
    const [l, r] = [left?.value ?? null, right?.value ?? null];
    return { value: wants[type](l, r) ? pair(l, r) : null, left, right, l, r };
  };
  return sent.flatMap(({ topic, key, timestamp }, index) => {
    const [before, after] = [joined(index, key), joined(index + 1, key)];
    const isLeft = topic === 'left';
    const changed = isLeft ? [before.l, after.l] : [before.r, after.r];
    if (changed.every((one) => one === null)) return [];
    if (before.value === null && after.value === null) return [];
    const other = isLeft ? after.right : after.left;
    return [{ key, value: after.value, timestamp: Math.max(timestamp, other?.timestamp ?? 0) }];
  });
}

const cases = (['inner', 'left', 'outer'] as const).flatMap((type) => [
  { type, side: 'table', passes: () => true, name: null },
  { type, side: 'filtered table', passes: isLong, name: 'joined' },
]);

describe.each(cases)('$type join with a $side', ({ type, passes, name }) => {
  const builder = new TopologyBuilder('property');
  const left: Table = builder.table('left', { name: 'left', ...serdes });
  const right: Table = builder.table('right', { name: 'right', ...serdes }).filter(passes);
  const options = name === null ? { value: string() } : { name, value: string() };
  const joined =
    type === 'inner'
      ? left.join(right, pair, options)
      : type === 'left'
        ? left.leftJoin(right, pair, options)
        : left.outerJoin(right, pair, options);
  joined.toStream().to('out');
  const topology = builder.build();

  it('forwards the changes of the joined rows', () => {
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      expect(readPlain(driver, 'out')).toEqual(naive(sent, type, passes));
      expect(dropped).toEqual([]);
    });
    fc.assert(law, propertyOptions(60));
  });
});
