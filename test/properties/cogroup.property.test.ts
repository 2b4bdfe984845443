import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EmitPolicy,
  every,
  onClose,
  onUpdate,
  string,
  TopologyBuilder,
  tumbling,
  type WindowedEmitPolicy,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { play, readPlain, stepsOf } from '../support/steps.ts';
import { type NaiveAggregation, verdictOn } from './naive-aggregation.ts';
import { type NaivePolicy, rowsEmitted } from './naive-emission.ts';

const GRACE_MS = 4;
const source = { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' } as const;

// The value tells the topic, so that the definition can go by the value alone.
const sentRecord = fc
  .record({
    topic: fc.constantFrom('L', 'R'),
    key: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('a', 'b') }, fc.constant(null)),
    value: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('1', '2', 'x') }, fc.constant(null)),
    timestamp: fc.nat(60),
  })
  .map((record) => ({ ...record, value: record.value && record.topic + record.value }));

/** A left value is put behind the text, a right one before it; an 'x' on the right deletes it. */
const aggregation: NaiveAggregation = {
  fold(before, value) {
    const text = before === null ? '|' : String(before);
    if (value === 'Rx') return null;
    return value.startsWith('L') ? text + value : value + text;
  },
  windowsAt: null,
  graceMs: GRACE_MS,
};

function cogrouped(builder: TopologyBuilder) {
  const left = builder.stream('L', source).groupByKey();
  const right = builder.stream('R', source).groupByKey();
  return left
    .cogroup((text: string, value) => text + value)
    .cogroup(right, (text, value) => (value === 'Rx' ? null : value + text));
}

const aggregate = { name: 'rows', initializer: () => '|', value: string() };

function plain(emit: EmitPolicy) {
  const builder = new TopologyBuilder('property');
  const table = cogrouped(builder).aggregate({ ...aggregate, emit });
  table.toStream().to('out');
  return builder.build();
}

function inWindows(emit: WindowedEmitPolicy) {
  const builder = new TopologyBuilder('property');
  const windowed = cogrouped(builder).windowedBy(tumbling(10, { grace: GRACE_MS }));
  windowed
    .aggregate({ ...aggregate, emit })
    .toStream()
    .to('out');
  return builder.build();
}

function windowsAt(timestamp: number) {
  const startMs = Math.floor(timestamp / 10) * 10;
  return [{ startMs, endMs: startMs + 10 }];
}

const windowed: NaiveAggregation = { ...aggregation, windowsAt };
const cases: readonly {
  readonly title: string;
  readonly topology: ReturnType<typeof plain>;
  readonly naive: NaivePolicy;
  readonly definition: NaiveAggregation;
}[] = [
  { title: 'on update', topology: plain(onUpdate()), naive: 'on-update', definition: aggregation },
  { title: 'every 7', topology: plain(every(7)), naive: { everyMs: 7 }, definition: aggregation },
  {
    title: 'on update in windows',
    topology: inWindows(onUpdate()),
    naive: 'on-update',
    definition: windowed,
  },
  {
    title: 'on close in windows',
    topology: inWindows(onClose()),
    naive: 'on-close',
    definition: windowed,
  },
];

describe('two streams with one aggregate', () => {
  it.each(cases)('are folded as one, $title', ({ topology, naive, definition }) => {
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      const expected = rowsEmitted(naive, [sent], definition);
      expect(readPlain(driver, 'out')).toEqual(
        expected.map(({ key, window, value, timestamp }) => ({
          key: window === null ? key : { key, ...window },
          value,
          timestamp,
        })),
      );
      const reasons = sent.flatMap((_, index) => verdictOn(sent, index, definition).reason ?? []);
      expect(dropped).toEqual(reasons);
    });
    fc.assert(law, propertyOptions(50));
  });
});
