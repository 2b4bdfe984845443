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

/** Executes the steps on a driver with `commit: 'manual'`, commits, and returns what was sent. */
export function play<Sent extends PlayableRecord>(
  driver: TopologyTestDriver,
  steps: readonly RunStep<Sent>[],
): readonly Sent[] {
  const sent: Sent[] = [];
  for (const step of steps) {
    if (step.kind === 'commit') driver.commit();
    else if (step.kind === 'crash') driver.crash();
    else {
      const { topic = 'in', key, value, timestamp } = step.record;
      // What is taken again after a crash goes by time: with records of several topics uncommitted
      // that may be another order than they were sent in.
      if ((sent.at(-1)?.topic ?? topic) !== topic) driver.commit();
      driver.send(topic, { key, value, timestamp });
      sent.push(step.record);
    }
  }
  driver.commit();
  return sent;
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
