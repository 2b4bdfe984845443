import { string } from '../../src/index.ts';
import type { CaseBuild, CaseStream } from './case-build.ts';
import type { Step } from './case-file.ts';
import type { StepBuilder } from './step-builders.ts';

/** What works on a stream and keeps records of it. */
export const streamSteps: Readonly<Record<string, StepBuilder>> = {
  'join stream-stream': streamJoin,
};

function streamJoin(step: Step, build: CaseBuild): void {
  const left = build.stream(step['left']);
  const right = build.stream(step['right']);
  const options = {
    name: step.id,
    before: Number(step['before']),
    after: Number(step['after']),
    grace: Number(step['grace']),
    value: string(),
    ...lateOption(step, build),
  };
  const joiner = (l: string | null, r: string | null) => `${l ?? 'null'}|${r ?? 'null'}`;
  const joins: Readonly<Record<string, () => CaseStream>> = {
    inner: () => left.join(right, joiner, options),
    left: () => left.leftJoin(right, joiner, options),
    outer: () => left.outerJoin(right, joiner, options),
  };
  const join = joins[String(step['type'])];
  if (join === undefined) throw new Error(`'${step.id}' is a join of no known type.`);
  build.define(step.id, { kind: 'stream', stream: join() });
}

/** The late records of both sides are one stream of a case. */
function lateOption({ late }: Step, build: CaseBuild) {
  if (late === undefined) return {};
  return {
    late: (own: CaseStream, other: CaseStream) => {
      build.define(String(late), { kind: 'stream', stream: own.merge(other) });
    },
  };
}
