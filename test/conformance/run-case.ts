import { memoryDriver } from '../support/memory-driver.ts';
import type { OperatorDriverFactory } from '../support/operator-driver.ts';
import { playInMode, runModesOf, type Scenario } from '../support/run-modes.ts';
import { type BuiltCase, buildCase } from './build-case.ts';
import { UnsupportedStep } from './case-build.ts';
import type { ConformanceCase } from './case-file.ts';
import { findMismatch } from './compare.ts';

export type CaseResult =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly problem: string }
  | { readonly outcome: 'skipped'; readonly kind: string };

/** Runs a case in every run mode; the first difference ends it. */
export async function runCase(
  given: ConformanceCase,
  createDriver: OperatorDriverFactory = memoryDriver,
): Promise<CaseResult> {
  try {
    return await playInAllModes(given, buildCase(given), createDriver);
  } catch (error) {
    if (error instanceof UnsupportedStep) return { outcome: 'skipped', kind: error.kind };
    return { outcome: 'failed', problem: `threw ${String(error)}` };
  }
}

async function playInAllModes(
  given: ConformanceCase,
  { topology, outputTopics }: BuiltCase,
  createDriver: OperatorDriverFactory,
): Promise<CaseResult> {
  const scenario: Scenario = {
    topology,
    input: given.records,
    outputTopics,
    isFilled: given.feed === 'filled',
    wallClockTimeMs: given.clock ?? 0,
  };
  for (const mode of runModesOf(scenario)) {
    const turns = await playInMode(mode, scenario, createDriver);
    const mismatch = findMismatch(given, outputTopics, turns);
    if (mismatch !== null) return { outcome: 'failed', problem: `${mode}: ${mismatch}` };
  }
  return { outcome: 'passed' };
}
