import { string } from '../../src/index.ts';
import { defineTable, plainOptions, sidesOf, windowedOptions } from './aggregation-steps.ts';
import type { CaseBuild } from './case-build.ts';
import type { Step } from './case-file.ts';
import { sessionsOf } from './session-steps.ts';

export const distinctSteps = {
  countDistinct(step: Step, build: CaseBuild): void {
    const by = step['by'] === 'prefix' ? prefixOf : (value: string) => value;
    const counts = countsOf(step, build, by);
    defineTable(step, build, counts.mapValues(String, { value: string() }));
  },
};

function countsOf(step: Step, build: CaseBuild, by: (value: string) => string | null) {
  const id = string();
  const sessions = sessionsOf(step, build);
  if (sessions !== null) return sessions.countDistinct(by, { ...windowedOptions(step, build), id });
  const { plain, windowed } = sidesOf(step, build);
  return (
    windowed?.countDistinct(by, { ...windowedOptions(step, build), id }) ??
    plain.countDistinct(by, { ...plainOptions(step), id })
  );
}

/** The part before the first colon. */
function prefixOf(value: string): string | null {
  const colon = value.indexOf(':');
  return colon < 0 ? null : value.slice(0, colon);
}
