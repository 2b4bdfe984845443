import { string } from '../../src/index.ts';
import type { CaseBuild, CaseStream } from './case-build.ts';
import type { Step } from './case-file.ts';
import type { StepBuilder } from './step-builders.ts';

/** What works on a stream and keeps records of it. */
export const streamSteps: Readonly<Record<string, StepBuilder>> = {
  'join stream-stream': streamJoin,
  deduplicate(step, build) {
    const { late, grace } = step;
    const stream = build.stream(step['of']).deduplicate({
      name: step.id,
      within: Number(step['within']),
      ...(grace === undefined ? {} : { grace: Number(grace) }),
      ...byOption(step),
      ...(late === undefined ? {} : { late: (side) => define(build, late, side) }),
    });
    define(build, step.id, stream);
  },
  distinctUntilChanged(step, build) {
    const options = { name: step.id, ...byOption(step) };
    define(build, step.id, build.stream(step['of']).distinctUntilChanged(options));
  },
  delay(step, build) {
    define(build, step.id, build.stream(step['of']).delay(Number(step['ms']), { name: step.id }));
  },
};

function define(build: CaseBuild, id: unknown, stream: CaseStream): void {
  build.define(String(id), { kind: 'stream', stream });
}

function prefixOf(value: string | null): string | null {
  const colon = value?.indexOf(':') ?? -1;
  return value === null || colon < 0 ? null : value.slice(0, colon);
}

/** The value, or what stands before its first colon; without one there is none. */
function byOption({ by }: Step) {
  if (by === undefined) return {};
  return {
    by: (value: string | null) => (by === 'prefix' ? prefixOf(value) : value),
  };
}

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
  define(build, step.id, join());
}

/** The late records of both sides are one stream of a case. */
function lateOption({ late }: Step, build: CaseBuild) {
  if (late === undefined) return {};
  return {
    late: (own: CaseStream, other: CaseStream) => {
      define(build, late, own.merge(other));
    },
  };
}
