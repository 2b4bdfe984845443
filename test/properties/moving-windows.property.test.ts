import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  onClose,
  session,
  sliding,
  string,
  TopologyBuilder,
  type WindowedEmitPolicy,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { commitsOf, play, readPlain, stepsOf } from '../support/steps.ts';
import { policies, sentRecord } from './aggregation-arbitraries.ts';
import type { SentRecord } from './naive-aggregation.ts';
import { changesEmitted } from './naive-emission.ts';
import { type NaiveFold, sessionTurns, slidingTurns, type Turn } from './naive-moving-windows.ts';

const GRACE_MS = 4;
const GAP_MS = 5;
const DIFFERENCE_MS = 10;

const naive: NaiveFold = {
  fold: (before, value) => `${before === null ? '' : String(before)}<${value}`,
  merge: (left, right) => `${String(left)}&${String(right)}`,
};
const aggregation = {
  name: 'rows',
  initializer: () => '',
  aggregator: (before: string, value: string) => `${before}<${value}`,
  value: string(),
};

interface Kind {
  readonly kind: string;
  readonly topology: (emit: WindowedEmitPolicy) => ReturnType<TopologyBuilder['build']>;
  readonly turns: (sent: readonly SentRecord[]) => readonly Turn[];
  readonly closeDelayMs: number;
}

function grouped(builder: TopologyBuilder) {
  return builder
    .stream('in', { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' })
    .groupByKey();
}

const kinds: readonly Kind[] = [
  {
    kind: 'sessions',
    topology(emit) {
      const builder = new TopologyBuilder('property');
      const windows = session(GAP_MS, { grace: GRACE_MS });
      const merger = (left: string, right: string) => `${left}&${right}`;
      const late = { late: (stream: { to(topic: string): void }) => stream.to('late') };
      const options = { ...aggregation, ...late, merger, emit };
      grouped(builder).windowedBy(windows).aggregate(options).toStream().to('out');
      return builder.build();
    },
    turns: (sent) => sessionTurns(sent, { gapMs: GAP_MS, graceMs: GRACE_MS }, naive),
    closeDelayMs: GAP_MS + GRACE_MS,
  },
  {
    kind: 'sliding windows',
    topology(emit) {
      const builder = new TopologyBuilder('property');
      const windows = sliding(DIFFERENCE_MS, { grace: GRACE_MS });
      const late = { late: (stream: { to(topic: string): void }) => stream.to('late') };
      const options = { ...aggregation, ...late, emit };
      grouped(builder).windowedBy(windows).aggregate(options).toStream().to('out');
      return builder.build();
    },
    turns: (sent) => slidingTurns(sent, { differenceMs: DIFFERENCE_MS, graceMs: GRACE_MS }, naive),
    closeDelayMs: GRACE_MS,
  },
];

const windowedPolicies = [...policies, { emit: onClose(), naive: 'on-close' as const }];

describe.each(kinds)('$kind', ({ topology, turns, closeDelayMs }) => {
  it.each(windowedPolicies)(
    'under $naive are a recount of the input',
    ({ emit, naive: policy }) => {
      const built = topology(emit);
      const law = fc.property(stepsOf(sentRecord), (steps) => {
        const driver = new TopologyTestDriver(built, { commit: 'manual' });
        const { sent, dropped } = play(driver, steps);
        const expected = changesEmitted(policy, commitsOf(steps), {
          changedBy: (all, index) => turns(all)[index]?.changes ?? [],
          closeDelayMs,
        });
        expect(readPlain(driver, 'out')).toEqual(
          expected.map(({ key, window, value, timestamp }) => ({
            key: { key, ...window },
            value,
            timestamp,
          })),
        );
        const all = turns(sent);
        expect(dropped).toEqual(all.flatMap(({ reason }) => reason ?? []));
        const late = sent.filter((_, index) => all[index]?.reason === 'late');
        expect(readPlain(driver, 'late')).toEqual(late);
      });
      fc.assert(law, propertyOptions(100));
    },
  );

  it('leave nothing behind once time has passed them', () => {
    const built = topology(onClose());
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(built, { commit: 'manual' });
      play(driver, steps);
      driver.send('in', { key: null, value: 'x', timestamp: 1_000 });
      driver.commit();
      for (const { name } of built.subTopologies[0]?.stores ?? []) {
        expect([name, driver.store(name).entries()]).toEqual([name, []]);
      }
    });
    fc.assert(law, propertyOptions(50));
  });
});
