import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultRates } from '../../src/core/log/embedded/fault-injector.ts';
import { feed } from '../support/log-records.ts';
import { propertyOptions } from '../support/property-options.ts';
import { type ClusterDump, dumpCluster } from './cluster-dump.ts';
import { type ClusterInput, clusterInput } from './cluster-input.ts';
import { clicksTopic, clusterTopology, peopleTopic } from './cluster-topology.ts';
import { type Act, SimulatedCluster } from './simulated-cluster.ts';

const places = 3;
const noFaults: FaultRates = { delay: 0, fail: 0, loseAnswer: 0 };
const someFaults: FaultRates = { delay: 0.05, fail: 0.02, loseAnswer: 0.02 };
const acts: readonly Act[] = ['start', 'start', 'close', 'crash', 'hang', 'wake', 'replace'];

type Step =
  | { readonly kind: 'advance'; readonly durationMs: number }
  | { readonly kind: 'feed' }
  | { readonly kind: Act; readonly place: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(7, 45, 120, 350, 900).map(advanceBy) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'feed' }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom(...acts), place: fc.nat(places - 1) }),
  },
);

function advanceBy(durationMs: number): Step {
  return { kind: 'advance', durationMs };
}

interface Played {
  readonly cluster: SimulatedCluster;
  readonly dump: ClusterDump;
}

interface Scenario {
  readonly seed: number;
  readonly steps: readonly Step[];
  readonly guarantee?: 'exactly-once' | 'at-least-once';
  readonly rates?: FaultRates;
  readonly workers?: number;
}

async function play(input: ClusterInput, scenario: Scenario): Promise<Played> {
  const { seed, steps, guarantee = 'exactly-once', rates = noFaults, workers = places } = scenario;
  const topology = clusterTopology();
  const cluster = new SimulatedCluster({ seed, topology, guarantee, rates, partitions: 3 });
  const chunks = [...input.chunks];
  const feedNext = () => feed(cluster.log, clicksTopic, chunks.shift() ?? []);
  await feed(cluster.log, peopleTopic, input.people);
  await feedNext();
  for (const one of steps) {
    if (one.kind === 'feed') await feedNext();
    else if (one.kind === 'advance') await cluster.advance(one.durationMs);
    else cluster.act(one.kind, one.place);
  }
  while (chunks.length > 0) await feedNext();
  await cluster.settle(workers);
  return { cluster, dump: await dumpCluster(cluster.log) };
}

describe('a cluster on virtual time', () => {
  it('undisturbed', async () => {
    const { dump, cluster } = await play(clusterInput(1), { seed: 1, steps: [], workers: 1 });
    console.log(JSON.stringify(dump, null, 1), cluster.trace);
  });

  it('exactly once', async () => {
    const law = fc.asyncProperty(fc.nat(), fc.array(step, { maxLength: 30 }), async (seed, steps) => {
      const input = clusterInput(seed);
      const expected = await play(input, { seed, steps: [], workers: 1 });
      const actual = await play(input, { seed, steps, rates: someFaults });
      expect(actual.dump, actual.cluster.trace.join('\n')).toEqual(expected.dump);
    });
    await fc.assert(law, propertyOptions(20));
  });
});
