import { type Topology, TopologyBuilder } from '../../src/index.ts';
import { CaseBuild, UnsupportedStep } from './case-build.ts';
import type { ConformanceCase, Step } from './case-file.ts';
import { type StepBuilder, stepBuilders } from './step-builders.ts';

export interface BuiltCase {
  readonly topology: Topology;
  readonly outputTopics: readonly string[];
}

/** @throws {UnsupportedStep} where a step needs an operator that does not exist yet. */
export function buildCase({ id, steps }: Pick<ConformanceCase, 'id' | 'steps'>): BuiltCase {
  const build = new CaseBuild(new TopologyBuilder(`case-${id}`));
  for (const step of steps) builderOf(step)(step, build);
  return { topology: build.builder.build(), outputTopics: [...build.outputTopics] };
}

function builderOf(step: Step): StepBuilder {
  const name = step.op === 'join' ? `join ${String(step['kind'])}` : step.op;
  const builder = stepBuilders[name];
  if (builder === undefined) throw new UnsupportedStep(name);
  return builder;
}
