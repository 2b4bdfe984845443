import { string } from '../../src/index.ts';
import { defineTable, plainOptions, sidesOf, windowedOptions } from './aggregation-steps.ts';
import type { CaseBuild } from './case-build.ts';
import type { Step } from './case-file.ts';
import { sessionsOf } from './session-steps.ts';

export const topNSteps = { topN } as const;

/** Scores are numbers after the last colon; a list is shown as `[x,y]`. */
function topN(step: Step, build: CaseBuild): void {
  const n = Number(step['n']);
  const of = build.node(step['of']);
  const serde = { value: string() };
  const by = (value: string) => Number(value.slice(value.lastIndexOf(':') + 1));
  if (of.kind === 'table-group') {
    const best = of.group.topN(n, { ...plainOptions(step), by });
    const shown = best.mapValues(
      (list) => `[${list.map(({ key, value }) => key + value).join(',')}]`,
      serde,
    );
    return defineTable(step, build, shown);
  }
  const show = (list: readonly { readonly value: string }[]) =>
    `[${list.map(({ value }) => value).join(',')}]`;
  const sessions = sessionsOf(step, build);
  if (sessions !== null) {
    const best = sessions.topN(n, { ...windowedOptions(step, build), by });
    return defineTable(step, build, best.mapValues(show, serde));
  }
  const { plain, windowed } = sidesOf(step, build);
  const shown =
    windowed?.topN(n, { ...windowedOptions(step, build), by }).mapValues(show, serde) ??
    plain.topN(n, { ...plainOptions(step), by }).mapValues(show, serde);
  defineTable(step, build, shown);
}
