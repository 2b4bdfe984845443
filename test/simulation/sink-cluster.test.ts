import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimulatedProcess } from '../../src/core/runtime/simulated-runtime.ts';
import { seededRandom } from '../../src/core/runtime/seeded-random.ts';
import { produce, readCommitted, SinkError, string, TopologyBuilder } from '../../src/index.ts';
import { propertyOptions } from '../support/property-options.ts';
import { type Memory, RememberingTable, type Through } from '../support/remembering-table.ts';
import { someFaults, type Step, stepsOf } from './scenario.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

const places = 3;
const words = { key: string(), value: string() };
/** The longest step, in which outboxes are purged. */
const longest = { drawnMs: 900, playedMs: 31_000 };
const anything = stepsOf(['start', 'start', 'close', 'crash', 'hang', 'wake', 'replace']);

interface SinkScenario {
  readonly seed: number;
  readonly steps: readonly Step[];
  readonly memory: Memory;
}

/** Requests to the table take their time, are lost, or lose their answer. */
function disturbed(seed: number, { scheduler }: SimulatedProcess): Through {
  const random = seededRandom(seed);
  return async (request, run) => {
    await scheduler.sleep(1 + Math.floor(random.next() * 40));
    if (random.next() < 0.1) throw lost(request);
    const answer = run();
    await scheduler.sleep(1);
    if (random.next() < 0.1) throw lost(request);
    return answer;
  };
}

function lost(request: string): SinkError {
  return new SinkError('unknown', 'SINK_UNAVAILABLE', `no answer to ${request}`);
}

async function play({ seed, steps, memory }: SinkScenario) {
  const table = new RememberingTable(memory);
  table.refuses = (row) => row.endsWith('13');
  let lives = 0;
  const topologyFor = (process: SimulatedProcess | null) => {
    lives += 1;
    const through = process === null ? undefined : disturbed(seed + lives, process);
    const builder = new TopologyBuilder('app', { deadLetter: 'dead', breaker: 'off' });
    // Rows that wait for long are there when something happens.
    const batches = { maxRows: 7, maxDelay: seed % 2 === 0 ? 20 : 500 } as const;
    builder
      .stream('words', words)
      .toSink(table.sink({ batches, attemptTimeout: '200ms' }, through));
    return builder.build();
  };
  const cluster = new SimulatedCluster({
    seed,
    topology: topologyFor(null),
    topologyFor,
    guarantee: 'exactly-once',
    rates: someFaults,
    partitions: 3,
    outputs: ['dead'],
  });
  const fed: string[] = [];
  const feed = async () => {
    const values = Array.from({ length: 20 }, (_, index) => `row-${fed.length + index}`);
    fed.push(...values);
    const records = values.map((value) => ({ key: value, value, timestamp: 0 }));
    await cluster.runtime.runUntil(produce(cluster.log, 'words', words, records));
  };
  await feed();
  for (const step of steps) {
    if (step.kind === 'advance') await cluster.advance(playedMs(step.durationMs));
    else if (step.kind === 'feed') await feed();
    else cluster.act(step.kind, step.place);
  }
  await feed();
  await cluster.settle(places);
  return { table, fed, cluster };
}

function playedMs(durationMs: number): number {
  return durationMs === longest.drawnMs ? longest.playedMs : durationMs;
}

const isBad = (row: string) => row.endsWith('13');

describe('deliveries of a cluster on virtual time', () => {
  it.each<Memory>(['token', 'position'])(
    'each row once, whatever happens to workers, log and table: remembered by %s',
    async (memory) => {
      const law = fc.asyncProperty(fc.nat(), anything, async (seed, steps) => {
        const { table, fed, cluster } = await play({ seed, steps, memory });
        const trace = cluster.trace.join('\n');
        const expected = fed.filter((row) => !isBad(row)).toSorted();
        expect(table.rows.toSorted(), trace).toEqual(expected);
        const dead = await cluster.runtime.runUntil(readCommitted(cluster.log, 'dead', words));
        const deadRows = dead.map(({ value }) => value).toSorted();
        expect(deadRows, trace).toEqual(fed.filter(isBad).toSorted());
        const unexpected = cluster.failures.filter((code) => code !== 'INSTANCE_FENCED');
        expect(unexpected, trace).toEqual([]);
      });
      await fc.assert(law, propertyOptions(60));
    },
  );

  it('finds duplicates in a table that remembers nothing', async () => {
    let duplicates = 0;
    for (const [seed, steps] of fc.sample(anything, { seed: 5, numRuns: 12 }).entries()) {
      const { table } = await play({ seed, steps, memory: 'none' });
      duplicates += table.rows.length - new Set(table.rows).size;
    }
    expect(duplicates).toBeGreaterThan(0);
  });
});
