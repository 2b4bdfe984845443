import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EmitPolicy,
  type KGroupedStream,
  string,
  type Topology,
  TopologyBuilder,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { propertyOptions } from '../support/property-options.ts';
import { commitsOf, play, readPlain, stepsOf } from '../support/steps.ts';
import { aggregator, folds, policies, reducer, sentRecord } from './aggregation-arbitraries.ts';
import { type NaiveAggregation, verdictOn } from './naive-aggregation.ts';
import { rowsEmitted } from './naive-emission.ts';

function topologyOf(name: (typeof folds)[number]['name'], emit: EmitPolicy): Topology {
  const builder = new TopologyBuilder('property');
  const grouped = builder
    .stream('in', { key: string(), value: string(), tombstones: 'keep', maxFuture: 'off' })
    .groupByKey();
  sendOut(name, grouped, emit);
  return builder.build();
}

function sendOut(
  name: (typeof folds)[number]['name'],
  grouped: KGroupedStream<string, string>,
  emit: EmitPolicy,
): void {
  const options = { name: 'rows', emit };
  if (name === 'count') grouped.count(options).toStream().to('out');
  else if (name === 'reduce') grouped.reduce(reducer, options).toStream().to('out');
  else {
    const aggregation = { initializer: () => '', aggregator, value: string() };
    grouped
      .aggregate({ ...options, ...aggregation })
      .toStream()
      .to('out');
  }
}

describe.each(folds)('$name without windows', ({ name, fold }) => {
  const aggregation: NaiveAggregation = { fold, windowsAt: null, graceMs: 0 };

  it.each(policies)('under $naive is a recount of the input', ({ emit, naive }) => {
    const topology = topologyOf(name, emit);
    const law = fc.property(stepsOf(sentRecord), (steps) => {
      const driver = new TopologyTestDriver(topology, { commit: 'manual' });
      const { sent, dropped } = play(driver, steps);
      const expected = rowsEmitted(naive, commitsOf(steps), aggregation);
      expect(readPlain(driver, 'out')).toEqual(
        expected.map(({ key, value, timestamp }) => ({ key, value, timestamp })),
      );
      const reasons = sent.flatMap((_, index) => verdictOn(sent, index, aggregation).reason ?? []);
      expect(dropped).toEqual(reasons);
    });
    fc.assert(law, propertyOptions(200));
  });
});
