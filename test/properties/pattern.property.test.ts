import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CaseRecord, Step } from '../conformance/case-file.ts';
import { judgeDriver } from '../random-topology/judge.ts';
import { acts } from '../random-topology/play-with-acts.ts';
import { propertyOptions } from '../support/property-options.ts';

const names = ['a', 'b', 'c'];

/** Times are short against the records' own, so that runs begin, match, expire and are too many. */
const patterns = fc.record(
  {
    steps: fc
      .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
      // A step may want what another wants: the event then is both, in different runs.
      .map((prefixes) => prefixes.map((prefix, index) => ({ as: names[index], prefix }))),
    within: fc.constantFrom(0, 3, 10),
    overlap: fc.boolean(),
    grace: fc.constantFrom(0, 2, 15),
    maxRuns: fc.constantFrom(1, 2, 5),
  },
  { requiredKeys: ['steps', 'within', 'overlap'] },
);

/** Time goes on, and some records come behind it. */
const records = fc
  .array(
    fc.record({
      key: fc.oneof({ weight: 12, arbitrary: fc.constantFrom('k', 'kk') }, fc.constant(null)),
      value: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...names, 'x') }, fc.constant(null)),
      aheadMs: fc.nat(3),
      behindMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(12)),
    }),
    { maxLength: 40, size: 'max' },
  )
  .map((drawn) => {
    let nowMs = 0;
    return drawn.map(({ key, value, aheadMs, behindMs }) => {
      nowMs += aheadMs;
      return { topic: 'in', key, value, timestamp: Math.max(0, nowMs - behindMs) };
    });
  });

/** Values are numbered, so that equal ones are told apart; one topic tells the order of all. */
function caseOf(options: object, given: readonly CaseRecord[]) {
  const steps: readonly Step[] = [
    { id: 's', op: 'stream', topic: 'in' },
    { id: 'p', op: 'pattern', of: 's', timeouts: 't', ...options },
    { id: 'm', op: 'merge', left: 'p', right: 't' },
    { id: 'o', op: 'to', of: 'm', topic: 'out' },
  ];
  const numbered = given.map((record, index) => ({
    ...record,
    value: record.value === null ? null : `${record.value}${index}`,
  }));
  return { steps, records: numbered };
}

it('matches, timeouts and drops are those of runs in a list, looked at one by one', async () => {
  const law = fc.asyncProperty(patterns, records, acts(), async (options, given, chosen) => {
    expect(await judgeDriver(caseOf(options, given), chosen)).toBeNull();
  });
  await fc.assert(law, propertyOptions(100));
});
