import { number, string } from '../../src/index.ts';
import type { CogroupedKStream } from '../../src/index.ts';
import { defineTable, plainOptions, windowedOptions, windowsOf } from './aggregation-steps.ts';
import type { CaseBuild } from './case-build.ts';
import type { Step } from './case-file.ts';

export const cogroupSteps = { cogroup } as const;

/** Group i adds `adds[i]`, or appends `marks[i]` and the value. */
function cogroup(step: Step, build: CaseBuild): void {
  const adds = step['adds'] as readonly number[] | undefined; // as the case format says
  if (adds !== undefined) {
    const streams = cogrouped(step, build, (index) => (sum: number) => sum + (adds[index] ?? 0));
    const sums = aggregated(step, build, streams, { initializer: () => 0, value: number() });
    return defineTable(step, build, sums.mapValues(String, { value: string() }));
  }
  const marks = step['marks'] as readonly string[]; // the other form
  const streams = cogrouped(step, build, (index) => (text: string, value) => {
    return text + (marks[index] ?? '') + value;
  });
  const texts = aggregated(step, build, streams, { initializer: () => '', value: string() });
  defineTable(step, build, texts);
}

function cogrouped<A extends string | number>(
  step: Step,
  build: CaseBuild,
  aggregatorOf: (index: number) => (aggregate: A, value: string) => A,
): CogroupedKStream<string, string, A> {
  const [first, ...others] = step['of'] as readonly string[]; // as the case format says
  let streams = build.group(first).cogroup<A>(aggregatorOf(0)); // no aggregate of a case is null
  others.forEach((id, index) => {
    streams = streams.cogroup(build.group(id), aggregatorOf(index + 1));
  });
  return streams;
}

type Aggregation<A> = Pick<
  Parameters<CogroupedKStream<string, string, A>['aggregate']>[0],
  'initializer' | 'value'
>;

function aggregated<A>(
  step: Step,
  build: CaseBuild,
  streams: CogroupedKStream<string, string, A>,
  aggregation: Aggregation<A>,
) {
  const windows = windowsOf(step);
  if (windows === null) return streams.aggregate({ ...plainOptions(step), ...aggregation });
  const { late, ...options } = { late: undefined, ...windowedOptions(step, build) };
  return streams.windowedBy(windows).aggregate({
    ...options,
    ...aggregation,
    late: (stream) => late?.(stream.mapValues((value) => value, { value: string() })),
  });
}
