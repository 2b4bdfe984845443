import fc from 'fast-check';
import type { FaultRates } from '../../src/core/log/embedded/fault-injector.ts';
import type { Log } from '../../src/index.ts';
import { feed } from '../support/log-records.ts';
import { type ClusterDump, dumpCluster } from './cluster-dump.ts';
import { clusterInput } from './cluster-input.ts';
import {
  changelogs,
  clicksTopic,
  clusterTopology,
  countTopics,
  orderedTopics,
  peopleTopic,
} from './cluster-topology.ts';
import { type Act, SimulatedCluster } from './simulated-cluster.ts';

const places = 3;
const partitions = 3;
/** Four requests of a commit take 32 of the 40 ms between two of them. */
const busyLatencyMs = 4;
const busyPortion = 3;
const busyPauseMs = 13;
const noFaults: FaultRates = { delay: 0, fail: 0, loseAnswer: 0 };
export const someFaults: FaultRates = { delay: 0.05, fail: 0.02, loseAnswer: 0.02 };

export type Step =
  | { readonly kind: 'advance'; readonly durationMs: number }
  | { readonly kind: 'feed' }
  | { readonly kind: Act; readonly place: number };

/** What happens to a cluster: time goes on, input comes, workers do one of the acts. */
export function stepsOf(acts: readonly Act[]): fc.Arbitrary<readonly Step[]> {
  const kind = fc.constantFrom(...acts);
  const advance = fc
    .constantFrom(7, 45, 120, 350, 900)
    .map((durationMs): Step => ({ kind: 'advance', durationMs }));
  const step = fc.oneof(
    { weight: 3, arbitrary: advance },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'feed' }) },
    { weight: 3, arbitrary: fc.record({ kind, place: fc.nat(places - 1) }) },
  );
  return fc.array(step, { maxLength: 30, size: 'max' });
}

export interface Scenario {
  /** Of the input, and of all chance. */
  readonly seed: number;
  readonly steps?: readonly Step[];
  readonly guarantee?: 'exactly-once' | 'at-least-once';
  readonly rates?: FaultRates;
  /** Commits take nearly their interval, and input comes little by little: work overlaps them. */
  readonly isBusy?: boolean;
  readonly standbyReplicas?: number;
  /** Stands before the log of each worker. */
  readonly beforeLog?: (log: Log) => Log;
  /** How many workers finish the work. */
  readonly workers?: number;
}

export interface Played {
  readonly cluster: SimulatedCluster;
  readonly dump: ClusterDump;
}

/** Plays the steps, lets everything come to rest, and looks at what is in the log. */
export async function play(scenario: Scenario): Promise<Played> {
  const { seed, steps = [], guarantee = 'exactly-once', isBusy = false } = scenario;
  const { standbyReplicas = 0, beforeLog = (log: Log) => log } = scenario;
  const { people, chunks } = clusterInput(seed);
  const cluster = new SimulatedCluster({
    seed,
    topology: clusterTopology(),
    guarantee,
    rates: scenario.rates ?? noFaults,
    partitions,
    standbyReplicas,
    beforeLog,
    ...(isBusy ? { commitLatencyMs: busyLatencyMs } : {}),
    outputs: [...orderedTopics, ...countTopics, ...changelogs],
  });
  const waiting = [...chunks];
  const feedNext = async () => {
    const chunk = waiting.shift() ?? [];
    const size = isBusy ? busyPortion : chunk.length;
    for (let from = 0; from < chunk.length; from += size) {
      await feed(cluster.log, clicksTopic, chunk.slice(from, from + size));
      if (isBusy) await cluster.advance(busyPauseMs);
    }
  };
  await feed(cluster.log, peopleTopic, people);
  await feedNext();
  for (const step of steps) {
    if (step.kind === 'feed') await feedNext();
    else if (step.kind === 'advance') await cluster.advance(step.durationMs);
    else cluster.act(step.kind, step.place);
  }
  while (waiting.length > 0) await feedNext();
  try {
    await cluster.settle(scenario.workers ?? places);
  } catch (error) {
    throw new Error(cluster.trace.join('\n'), { cause: error });
  }
  return { cluster, dump: await dumpCluster(cluster.log) };
}

/** One worker, nothing in its way. */
export function undisturbed(seed: number): Promise<Played> {
  return play({ seed, workers: 1 });
}
