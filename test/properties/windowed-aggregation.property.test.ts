import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hopping,
  onClose,
  string,
  type TimeWindowedKStream,
  type TimeWindows,
  type Topology,
  TopologyBuilder,
  tumbling,
  type WindowedEmitPolicy,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { commitsOf, play, readPlain, stepsOf } from '../support/steps.ts';
import {
  aggregator,
  type Fold,
  folds,
  policies,
  reducer,
  sentRecord,
} from './aggregation-arbitraries.ts';
import { type NaiveAggregation, verdictOn, type Window } from './naive-aggregation.ts';
import { rowsEmitted } from './naive-emission.ts';

const GRACE_MS = 4;

const kinds = [
  { kind: 'tumbling', windows: tumbling(10, { grace: GRACE_MS }), sizeMs: 10, everyMs: 10 },
  { kind: 'hopping', windows: hopping(10, { every: 4, grace: GRACE_MS }), sizeMs: 10, everyMs: 4 },
] as const;

/** Every window there is, and of these the ones around the time. */
function windowsAt(sizeMs: number, everyMs: number) {
  return (timestamp: number): readonly Window[] => {
    const all: Window[] = [];
    for (let startMs = 0; startMs <= 60; startMs += everyMs) {
      all.push({ startMs, endMs: startMs + sizeMs });
    }
    return all.filter(({ startMs, endMs }) => startMs <= timestamp && timestamp < endMs);
  };
}

function topologyOf(name: Fold['name'], windows: TimeWindows, emit: WindowedEmitPolicy): Topology {
  const builder = new TopologyBuilder('property');
  const windowed = builder
    .stream('in', { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' })
    .groupByKey()
    .windowedBy(windows);
  sendOut(name, windowed, emit);
  return builder.build();
}

function sendOut(
  name: Fold['name'],
  windowed: TimeWindowedKStream<string, string>,
  emit: WindowedEmitPolicy,
): void {
  const options = { name: 'rows', emit };
  if (name === 'count') windowed.count(options).toStream().to('out');
  else if (name === 'reduce') windowed.reduce(reducer, options).toStream().to('out');
  else {
    const aggregation = { initializer: () => '', aggregator, value: string() };
    windowed
      .aggregate({ ...options, ...aggregation })
      .toStream()
      .to('out');
  }
}

const cases = kinds.flatMap((kind) => folds.map((fold) => ({ ...kind, ...fold })));
const windowedPolicies = [...policies, { emit: onClose(), naive: 'on-close' as const }];

describe.each(cases)('$name in $kind windows', ({ name, fold, windows, sizeMs, everyMs }) => {
  const aggregation: NaiveAggregation = {
    fold,
    windowsAt: windowsAt(sizeMs, everyMs),
    graceMs: GRACE_MS,
  };

  it.each(windowedPolicies)('under $naive is a recount of the input', ({ emit, naive }) => {
    const topology = topologyOf(name, windows, emit);
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      const expected = rowsEmitted(naive, commitsOf(steps), aggregation);
      expect(readPlain(driver, 'out')).toEqual(
        expected.map(({ key, window, value, timestamp }) => ({
          key: { key, ...window },
          value,
          timestamp,
        })),
      );
      const reasons = sent.flatMap((_, index) => verdictOn(sent, index, aggregation).reason ?? []);
      expect(dropped).toEqual(reasons);
    });
    fc.assert(law, propertyOptions(100));
  });
});
