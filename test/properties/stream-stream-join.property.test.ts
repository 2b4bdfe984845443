import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';

interface Sent {
  readonly topic: 'left' | 'right';
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

interface Bounds {
  readonly before: number;
  readonly after: number;
  readonly grace: number;
}

const sentRecord: fc.Arbitrary<Sent> = fc.record({
  topic: fc.constantFrom('left', 'right'),
  key: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('a', 'b') },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  value: fc.constantFrom('x', 'y', 'z', 'w', 'v', null),
  timestamp: fc.nat(40),
});

interface Row extends Sent {
  readonly arrival: number;
  readonly isLeft: boolean;
  readonly closeTime: number;
}

type Out = Pick<Sent, 'key' | 'value' | 'timestamp'>;

const joined = ({ key }: Row, [l, r]: readonly [Row | null, Row | null]): Out => ({
  key,
  value: `${l?.value ?? '∅'}+${r?.value ?? '∅'}`,
  timestamp: Math.max(l?.timestamp ?? 0, r?.timestamp ?? 0),
});

interface Join {
  readonly bounds: Bounds;
  /** The sides whose unmatched rows leave. */
  readonly wanted: ReadonlySet<boolean>;
  readonly isSelf: boolean;
}

/** Every record against every earlier one. Text of one letter is in the order of its bytes. */
function naive(sent: readonly Sent[], { bounds, wanted, isSelf }: Join) {
  const { before, after, grace } = bounds;
  const rows: Row[] = [];
  const matched = new Set<Row>();
  const gone = new Set<Row>();
  const drops: string[] = [];
  let streamTime = 0;
  const out = sent.flatMap((record, arrival): Out[] => {
    streamTime = Math.max(streamTime, record.timestamp);
    const alone = (row: Row) => joined(row, row.isLeft ? [row, null] : [null, row]);
    const due = rows
      .filter((row) => wanted.has(row.isLeft) && !gone.has(row) && row.closeTime <= streamTime)
      .sort(
        (a, b) =>
          a.closeTime - b.closeTime ||
          (a.key ?? '').charCodeAt(0) - (b.key ?? '').charCodeAt(0) ||
          a.arrival - b.arrival,
      );
    for (const row of due) gone.add(row);
    const outputs = due.filter((row) => !matched.has(row)).map(alone);
    const refused: string[] = [];
    for (const isLeft of isSelf ? [true, false] : [record.topic === 'left']) {
      const closeTime = record.timestamp + (isLeft ? after : before) + 1 + grace;
      const row: Row = { ...record, arrival, isLeft, closeTime };
      const isNullKey = row.key === null && !wanted.has(isLeft);
      if (row.value === null) refused.push(isNullKey ? 'null-key' : 'null-value');
      else if (closeTime <= streamTime) refused.push('late');
      else if (isNullKey) refused.push('null-key');
      else if (row.key === null) outputs.push(alone(row));
      else {
        const others = rows.filter((other) => {
          const [l, r] = isLeft ? [row, other] : [other, row];
          const isNear = l.timestamp - before <= r.timestamp && r.timestamp <= l.timestamp + after;
          return other.isLeft !== isLeft && other.key === row.key && isNear;
        });
        const open = others.filter((other) => other.closeTime > streamTime);
        open.sort((a, b) => a.timestamp - b.timestamp || a.arrival - b.arrival);
        for (const other of open) matched.add(other).add(row);
        outputs.push(...open.map((other) => joined(row, isLeft ? [row, other] : [other, row])));
        rows.push(row);
      }
    }
    const [reason] = refused;
    if (reason !== undefined && refused.length === (isSelf ? 2 : 1)) drops.push(reason);
    return outputs;
  });
  return { out, drops };
}

const serdes = { key: string(), value: string(), maxFuture: 'off', tombstones: 'keep' } as const;
const text = (l: string | null, r: string | null) => `${l ?? '∅'}+${r ?? '∅'}`;

function topologyOf(kind: 'join' | 'leftJoin' | 'outerJoin', bounds: Bounds, isSelf: boolean) {
  const builder = new TopologyBuilder('property');
  const left = builder.stream('left', serdes);
  const right = isSelf ? left : builder.stream('right', serdes);
  const options = { name: 'j', ...bounds, value: string() };
  if (kind === 'join') left.join(right, text, options).to('out');
  else if (kind === 'leftJoin') left.leftJoin(right, text, options).to('out');
  else left.outerJoin(right, text, options).to('out');
  return builder.build();
}

const boundsList: readonly Bounds[] = [
  { before: 10, after: 10, grace: 4 },
  { before: 0, after: 17, grace: 0 },
  { before: 9, after: 0, grace: 12 },
];
const kinds = { join: [], leftJoin: [true], outerJoin: [true, false] } as const;
const cases = (['join', 'leftJoin', 'outerJoin'] as const).flatMap((kind) =>
  boundsList.map((bounds) => ({ kind, ...bounds, bounds, wanted: new Set<boolean>(kinds[kind]) })),
);

function holds({ kind, bounds, wanted }: (typeof cases)[number], isSelf: boolean): void {
  const topology = topologyOf(kind, bounds, isSelf);
  const own = sentRecord.map((record) => ({ ...record, topic: 'left' as const }));
  const record = isSelf ? own : sentRecord;
  const property = fc.property(stepsOf(record), (steps) => {
    const driver = new TopologyTestDriver(topology, { commit: 'manual' });
    const { sent, dropped } = play(driver, steps);
    const { out, drops } = naive(sent, { bounds, wanted, isSelf });
    expect(readPlain(driver, 'out')).toEqual(out);
    expect(dropped).toEqual(drops);
  });
  fc.assert(property, propertyOptions(10));
}

describe.each(cases)('$kind, before $before, after $after, grace $grace', (spec) => {
  it('each record meets what is near and open, or leaves alone if that is wanted', () => {
    holds(spec, false);
  });

  it('a stream with itself: each record as left, then as right', () => {
    holds(spec, true);
  });
});
