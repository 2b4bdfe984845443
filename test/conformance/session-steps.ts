import { session, string } from '../../src/index.ts';
import { aggregate, count, defineTable, reduce, windowedOptions } from './aggregation-steps.ts';
import type { CaseBuild } from './case-build.ts';
import type { Step } from './case-file.ts';

interface CaseSession {
  readonly kind: string;
  readonly gap?: number;
  readonly grace?: number;
}

/** The aggregations, in sessions where the step says so. */
export const sessionSteps = {
  count(step: Step, build: CaseBuild): void {
    const sessions = sessionsOf(step, build);
    if (sessions === null) return count(step, build);
    const counts = sessions.count(windowedOptions(step, build));
    defineTable(step, build, counts.mapValues(String, { value: string() }));
  },
  reduce(step: Step, build: CaseBuild): void {
    const sessions = sessionsOf(step, build);
    if (sessions === null) return reduce(step, build);
    const reducer = (a: string, v: string) => `${a},${v}`;
    defineTable(step, build, sessions.reduce(reducer, windowedOptions(step, build)));
  },
  aggregate(step: Step, build: CaseBuild): void {
    const sessions = sessionsOf(step, build);
    if (sessions === null) return aggregate(step, build);
    const table = sessions.aggregate({
      ...windowedOptions(step, build),
      initializer: () => '',
      aggregator: (a, v) => `${a}<${v}`,
      merger: (a, b) => `${a}&${b}`,
      value: string(),
    });
    defineTable(step, build, table);
  },
};

function sessionsOf(step: Step, build: CaseBuild) {
  const window = step['window'] as CaseSession | undefined; // as the case format says
  if (window?.kind !== 'session') return null;
  const { gap = 0, grace = 0 } = window;
  return build.group(step['of']).windowedBy(session(gap, { grace }));
}
