import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Log, LogError } from '../../src/index.ts';
import { propertyOptions } from '../support/property-options.ts';
import { overriding } from '../torture/overriding.ts';
import { differences } from './cluster-dump.ts';
import { play, type Played, someFaults, type Step, stepsOf, undisturbed } from './scenario.ts';

const traceOf = ({ cluster }: Played) => cluster.trace.join('\n');
const anything = stepsOf(['start', 'start', 'close', 'crash', 'hang', 'wake', 'replace']);
const allowedFailure = 'INSTANCE_FENCED';

/** The leader never learns how much state there is: then each task is warmed up for. */
function withoutSizes(log: Log): Log {
  const admin = overriding(log.admin, {
    ends: async (partitions) => {
      const isOfAll = partitions.every(({ topic }) => topic.endsWith('-changelog'));
      if (!isOfAll) return log.admin.ends(partitions);
      throw new LogError('retriable', 'INJECTED_FAULT', 'Nobody tells.');
    },
  });
  return overriding(log, { admin });
}

describe('a cluster that keeps copies of states', () => {
  it('shows nothing of it in the log, whatever happens', async () => {
    const law = fc.asyncProperty(fc.nat(), fc.nat(2), anything, async (seed, replicas, steps) => {
      const expected = await undisturbed(seed);
      const actual = await play({
        seed,
        steps,
        rates: someFaults,
        standbyReplicas: replicas,
        beforeLog: withoutSizes,
      });
      expect(differences(expected.dump, actual.dump), traceOf(actual)).toEqual([]);
      const unexpected = actual.cluster.failures.filter((code) => code !== allowedFailure);
      expect(unexpected, traceOf(actual)).toEqual([]);
    });
    await fc.assert(law, propertyOptions(60));
  });

  it('moves tasks to who comes later, and keeps copies where they do not run', async () => {
    const steps: readonly Step[] = [
      { kind: 'start', place: 0 },
      { kind: 'advance', durationMs: 900 },
      { kind: 'start', place: 1 },
      { kind: 'start', place: 2 },
      ...Array.from({ length: 20 }, (): Step => ({ kind: 'advance', durationMs: 900 })),
    ];
    const { cluster } = await play({ seed: 5, steps, standbyReplicas: 1, beforeLog: withoutSizes });
    await cluster.advance(10_000);
    const statuses = cluster.living.map((worker) => worker.status());
    const counts = statuses.map(({ tasks }) => tasks.length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    const copies = statuses.flatMap((status) => status.copies);
    expect(copies.length).toBeGreaterThan(0);
    expect(copies.filter(({ kind, isReady }) => kind !== 'standby' || !isReady)).toEqual([]);
  });
});
