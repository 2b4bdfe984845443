import fc from 'fast-check';
import type { CaseRecord, Step } from '../conformance/case-file.ts';
import { type Choice, choices, Dice } from './choice.ts';
import { randomOperators } from './random-operators.ts';
import { recordsOf } from './random-records.ts';
import { TopologyDraft } from './topology-draft.ts';

const maxOperators = 8;
const maxRecords = 30;

export interface RandomCase {
  readonly steps: readonly Step[];
  readonly records: readonly CaseRecord[];
}

export interface RandomCaseOptions {
  readonly operators?: readonly string[];
  /** Whether a task may read an internal topic beside others. Default: yes. */
  readonly mixesTopics?: boolean;
}

/** A topology of up to eight operators and what is sent to it. */
export function randomCases({
  operators = Object.keys(randomOperators),
  mixesTopics = true,
}: RandomCaseOptions = {}): fc.Arbitrary<RandomCase> {
  const topics = fc.array(fc.nat(99), { minLength: maxRecords, maxLength: maxRecords });
  const drawn = fc.tuple(choices(operators, maxOperators), recordsOf(maxRecords), topics);
  return drawn.map(([chosen, records, numbers]) => {
    const draft = draftOf(chosen, mixesTopics);
    const sent = records.map((record, index) => {
      const topic = draft.topics[(numbers[index] ?? 0) % draft.topics.length] ?? '';
      return { topic, ...record };
    });
    return { steps: draft.steps, records: sent };
  });
}

function draftOf(chosen: readonly Choice[], mixesTopics: boolean): TopologyDraft {
  const draft = new TopologyDraft(mixesTopics);
  draft.source('stream');
  draft.source('table', { changelog: 'source' });
  draft.source('stream');
  for (const { op, numbers } of chosen) randomOperators[op]?.(draft, new Dice(numbers));
  draft.finish();
  return draft;
}
