import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyOptions } from '../support/property-options.ts';
import { type ClusterDump, differences } from './cluster-dump.ts';
import { clusterInput } from './cluster-input.ts';
import { naiveDump } from './naive-cluster.ts';
import { play, type Played, someFaults, type Step, stepsOf, undisturbed } from './scenario.ts';

/** Each has a trace to read: a line per act and per request that went wrong. */
const traceOf = ({ cluster }: Played) => cluster.trace.join('\n');

const anything = stepsOf(['start', 'start', 'close', 'crash', 'hang', 'wake', 'replace']);
/** Without transactions a zombie's last request cannot be fenced, so nobody hangs. */
const noZombies = stepsOf(['start', 'start', 'close', 'crash']);
/** What stops a worker in a simulation may only be that another one has its name. */
const allowedFailure = 'INSTANCE_FENCED';

describe('a cluster on virtual time', () => {
  it('computes what a naive recomputation of its input does', async () => {
    const law = fc.asyncProperty(fc.nat(), async (seed) => {
      const { dump } = await undisturbed(seed);
      expect(differences(naiveDump(clusterInput(seed), 3), dump)).toEqual([]);
    });
    await fc.assert(law, propertyOptions(30));
  });

  it('exactly once: whatever happens to workers and requests, the log shows nothing', async () => {
    const law = fc.asyncProperty(fc.nat(), anything, async (seed, steps) => {
      const expected = await undisturbed(seed);
      const actual = await play({ seed, steps, rates: someFaults });
      expect(differences(expected.dump, actual.dump), traceOf(actual)).toEqual([]);
      const unexpected = actual.cluster.failures.filter((code) => code !== allowedFailure);
      expect(unexpected, traceOf(actual)).toEqual([]);
    });
    await fc.assert(law, propertyOptions(150));
  });

  it('exactly once: so it is where most work is done beside a commit under way', async () => {
    const law = fc.asyncProperty(fc.nat(), anything, async (seed, steps) => {
      const expected = await undisturbed(seed);
      const actual = await play({ seed, steps, rates: someFaults, isBusy: true });
      expect(differences(expected.dump, actual.dump), traceOf(actual)).toEqual([]);
      const unexpected = actual.cluster.failures.filter((code) => code !== allowedFailure);
      expect(unexpected, traceOf(actual)).toEqual([]);
    });
    await fc.assert(law, propertyOptions(60));
  });

  it('where it is busy, commits end well and badly beside the work for the next', async () => {
    const sum = { committed: 0, takenBack: 0 };
    for (const steps of fc.sample(anything, { seed: 3, numRuns: 12 })) {
      const { cluster } = await play({ seed: 3, steps, rates: someFaults, isBusy: true });
      sum.committed += cluster.overlaps.committed;
      sum.takenBack += cluster.overlaps.takenBack;
    }
    expect(sum.committed).toBeGreaterThan(20);
    expect(sum.takenBack).toBeGreaterThan(0);
  });

  it('what a member gave up finds an owner, even if another takes its place then', async () => {
    // Shrunk from a failure: the process that had to join again was replaced in that moment.
    const steps: readonly Step[] = [
      { kind: 'start', place: 1 },
      { kind: 'start', place: 2 },
      { kind: 'start', place: 0 },
      { kind: 'advance', durationMs: 45 },
      { kind: 'replace', place: 0 },
      { kind: 'advance', durationMs: 7 },
      { kind: 'start', place: 0 },
      { kind: 'start', place: 2 },
      { kind: 'advance', durationMs: 120 },
    ];
    const expected = await undisturbed(8);
    const actual = await play({ seed: 8, steps, rates: someFaults });
    expect(differences(expected.dump, actual.dump), traceOf(actual)).toEqual([]);
  });

  it('at least once: no input is lost, whatever happens to workers and requests', async () => {
    const law = fc.asyncProperty(fc.nat(), noZombies, async (seed, steps) => {
      const expected = await undisturbed(seed);
      const guarantee = 'at-least-once';
      const actual = await play({ seed, steps, guarantee, rates: someFaults });
      expect(lost(expected.dump, actual.dump), traceOf(actual)).toEqual([]);
    });
    await fc.assert(law, propertyOptions(50));
  });

  it('the same seed and steps give the same trace', async () => {
    const samples = fc.sample(anything, { seed: 7, numRuns: 20 });
    const steps = samples.reduce((a, b) => (a.length > b.length ? a : b));
    const first = await play({ seed: 7, steps, rates: someFaults });
    const second = await play({ seed: 7, steps, rates: someFaults });
    expect(first.cluster.trace.length).toBeGreaterThan(10);
    expect(second.cluster.trace).toEqual(first.cluster.trace);
    expect(second.dump).toEqual(first.dump);
  });
});

/** Records of the input that left no trace, and counts that are below what they must be. */
function lost(expected: ClusterDump, actual: ClusterDump): string[] {
  const missing = ['visits', 'dead-letters'].flatMap((topic) => {
    const there = new Set(actual[topic]);
    return (expected[topic] ?? []).filter((line) => !there.has(line));
  });
  const tooSmall = ['page-windows', 'page-totals'].flatMap((topic) => {
    const reached = lastCounts(actual[topic] ?? []);
    return [...lastCounts(expected[topic] ?? [])]
      .filter(([key, count]) => (reached.get(key) ?? 0) < count)
      .map(([key, count]) => `${topic} ${key} ${reached.get(key) ?? 0}, not ${count}`);
  });
  return [...missing, ...tooSmall];
}

function lastCounts(lines: readonly string[]): Map<string, number> {
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), lastNumber(line)]));
}

function lastNumber(line: string): number {
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}
