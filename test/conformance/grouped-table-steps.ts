import { int64, string } from '../../src/index.ts';
import { plainOptions } from './aggregation-steps.ts';
import type { CaseBuild, CaseTableGroup } from './case-build.ts';
import type { Step } from './case-file.ts';

type Build = (step: Step, build: CaseBuild) => void;
type Aggregations = Readonly<Record<'count' | 'reduce' | 'aggregate', Build>>;

const serdes = { key: string(), value: string() };

/** `groupBy` of a table. */
export function groupTable(step: Step, build: CaseBuild): void {
  const group = build
    .table(step['of'])
    .groupBy((value) => selected(step, value), { name: step.id, ...serdes });
  build.define(step.id, { kind: 'table-group', group });
}

/** A value under its group's key; a null key keeps it out. */
function selected({ first, constant }: Step, value: string) {
  if (constant !== undefined) return { key: String(constant), value };
  if (first === true) return { key: value.slice(0, 1), value: value.slice(1) };
  const colon = value.indexOf(':');
  return { key: colon < 0 ? null : value.slice(0, colon), value };
}

/** The aggregations that streams have too: on a grouped table these, else those given. */
export function groupedTableSteps(ofStreams: Aggregations): Aggregations {
  const either = (ofStream: Build, ofTable: (step: Step, group: CaseTableGroup) => CaseTableOf) => {
    return (step: Step, build: CaseBuild): void => {
      const of = build.node(step['of']);
      if (of.kind !== 'table-group') return ofStream(step, build);
      build.define(step.id, { kind: 'table', table: ofTable(step, of.group) });
    };
  };
  return {
    count: either(ofStreams.count, count),
    reduce: either(ofStreams.reduce, reduce),
    aggregate: either(ofStreams.aggregate, aggregate),
  };
}

type CaseTableOf = ReturnType<typeof count>;

function count(step: Step, group: CaseTableGroup) {
  return group.count(plainOptions(step)).mapValues(String, { value: string() });
}

function reduce(step: Step, group: CaseTableGroup): CaseTableOf {
  return group.reduce(plus, minus, plainOptions(step));
}

function aggregate(step: Step, group: CaseTableGroup): CaseTableOf {
  if (step['fn'] === 'sum') {
    const sums = group.aggregate({
      ...plainOptions(step),
      initializer: () => 0,
      adder: (sum, value) => sum + Number(value),
      subtractor: (sum, value) => sum - Number(value),
      value: int64(),
    });
    return sums.mapValues(String, { value: string() });
  }
  return group.aggregate({
    ...plainOptions(step),
    initializer: () => '',
    adder: plus,
    subtractor: minus,
    value: string(),
  });
}

function plus(aggregate: string, value: string): string {
  return `${aggregate}+${value}`;
}

function minus(aggregate: string, value: string): string {
  return `${aggregate}-${value}`;
}
