import { string } from '../../src/index.ts';
import { defineTable, plainOptions, sidesOf, windowedOptions } from './aggregation-steps.ts';
import type { CaseBuild } from './case-build.ts';
import type { Step } from './case-file.ts';

export const distinctSteps = {
  countDistinct(step: Step, build: CaseBuild): void {
    const { plain, windowed } = sidesOf(step, build);
    const by = step['by'] === 'prefix' ? prefixOf : (value: string) => value;
    const id = string();
    const counts =
      windowed?.countDistinct(by, { ...windowedOptions(step, build), id }) ??
      plain.countDistinct(by, { ...plainOptions(step), id });
    defineTable(step, build, counts.mapValues(String, { value: string() }));
  },
};

/** The part before the first colon. */
function prefixOf(value: string): string | null {
  const colon = value.indexOf(':');
  return colon < 0 ? null : value.slice(0, colon);
}
