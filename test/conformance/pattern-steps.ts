import { type KStream, type NamedEvents, string } from '../../src/index.ts';
import type { CaseBuild } from './case-build.ts';
import type { Step } from './case-file.ts';

export const patternSteps = { pattern } as const;

/** A step takes values with its prefix; a match and a timeout are shown as `[x,y]`. */
function pattern(step: Step, build: CaseBuild): void {
  const steps = step['steps'] as readonly { as: string; prefix: string }[]; // as the format says
  const { grace, maxRuns, timeouts } = step;
  const define = (id: string, found: KStream<string, Partial<NamedEvents<string>>>): void => {
    const shown = found.mapValues(
      (events) => `[${steps.flatMap(({ as }) => events[as]?.value ?? []).join(',')}]`,
      { value: string() },
    );
    build.define(id, { kind: 'stream', stream: shown });
  };
  const found = build.stream(step['of']).pattern({
    name: step.id,
    steps: steps.map(({ as, prefix }) => ({
      as,
      where: (value: string) => value.startsWith(prefix),
    })),
    within: Number(step['within']),
    matches: step['overlap'] === true ? 'overlapping' : 'disjoint',
    ...(grace === undefined ? {} : { grace: Number(grace) }),
    ...(maxRuns === undefined ? {} : { maxRuns: Number(maxRuns) }),
    ...(timeouts === undefined
      ? {}
      : { timedOut: (stream) => void define(String(timeouts), stream) }),
  });
  define(step.id, found);
}
