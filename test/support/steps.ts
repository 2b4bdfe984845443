import fc from 'fast-check';
import type { TopologyTestDriver } from '../../src/testing.ts';

/** A record, or something that happens between two records. */
export type RunStep<Sent> =
  | { readonly kind: 'record'; readonly record: Sent }
  | { readonly kind: 'commit' }
  | { readonly kind: 'crash' };

export interface PlayableRecord {
  /** Default 'in'. */
  readonly topic?: string;
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
  /** Default: by the key. */
  readonly partition?: number;
}

/** Records with commits and crashes mixed in. */
export function stepsOf<Sent>(
  record: fc.Arbitrary<Sent>,
  maxLength = 24,
): fc.Arbitrary<readonly RunStep<Sent>[]> {
  const step = fc.oneof(
    { weight: 6, arbitrary: record.map((one): RunStep<Sent> => ({ kind: 'record', record: one })) },
    { weight: 1, arbitrary: fc.constant<RunStep<Sent>>({ kind: 'commit' }) },
    { weight: 1, arbitrary: fc.constant<RunStep<Sent>>({ kind: 'crash' }) },
  );
  return fc.array(step, { maxLength });
}

export interface Played<Sent> {
  readonly sent: readonly Sent[];
  /** Reasons in order; those of work that a crash undid are left out. */
  readonly dropped: readonly string[];
}

/** Executes the steps on a driver with `commit: 'manual'`, and commits to rest. */
export function play<Sent extends PlayableRecord>(
  driver: TopologyTestDriver,
  steps: readonly RunStep<Sent>[],
  maxInternalTopics = 8,
): Played<Sent> {
  const sent: Sent[] = [];
  const dropped: string[] = [];
  let seen = 0;
  const commit = () => {
    // One commit makes the next internal topic readable.
    for (let passed = 0; passed <= maxInternalTopics; passed += 1) driver.commit();
    dropped.push(
      ...driver
        .drops()
        .slice(seen)
        .map(({ reason }) => reason),
    );
    seen = driver.dropped();
  };
  for (const step of steps) {
    if (step.kind === 'commit') commit();
    else if (step.kind === 'crash') {
      seen = driver.dropped();
      driver.crash();
    } else {
      const { topic = 'in', key, value, timestamp, partition } = step.record;
      // What is taken again after a crash goes by time: with records of several topics uncommitted
      // that may be another order than they were sent in.
      if ((sent.at(-1)?.topic ?? topic) !== topic) commit();
      const where = partition === undefined ? {} : { partition };
      driver.send(topic, { key, value, timestamp, ...where });
      sent.push(step.record);
    }
  }
  commit();
  return { sent, dropped };
}

/** The committed records of a topic since the last call, without their headers. */
export function readPlain(driver: TopologyTestDriver, topic: string) {
  const records = driver.read<unknown, unknown>(topic);
  return records.map(({ key, value, timestamp }) => ({ key, value, timestamp }));
}

/** The records that went into each commit, for what is emitted by commits. */
export function commitsOf<Sent>(steps: readonly RunStep<Sent>[]): readonly (readonly Sent[])[] {
  const commits: Sent[][] = [[]];
  for (const step of steps) {
    if (step.kind === 'commit') commits.push([]);
    else if (step.kind === 'record') commits.at(-1)?.push(step.record);
  }
  return commits;
}
