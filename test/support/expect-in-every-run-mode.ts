import { expect } from 'vitest';
import { memoryDriver } from './memory-driver.ts';
import type { OperatorDriverFactory, OutputRecord } from './operator-driver.ts';
import { playInMode, runModesOf, type Scenario } from './run-modes.ts';

export interface Expectation extends Omit<Scenario, 'outputTopics'> {
  /** Each output topic with all its records in order. */
  readonly output: Readonly<Record<string, readonly OutputRecord[]>>;
  /** Reasons in order; not compared where absent. */
  readonly drops?: readonly string[];
}

/** One expectation in every run mode. */
export async function expectInEveryRunMode(
  { output, drops, ...rest }: Expectation,
  createDriver: OperatorDriverFactory = memoryDriver,
): Promise<void> {
  const scenario = { ...rest, outputTopics: Object.keys(output) };
  for (const mode of runModesOf(scenario)) {
    const turns = await playInMode(mode, scenario, createDriver);
    for (const [topic, records] of Object.entries(output)) {
      const actual = turns
        .flatMap((turn) => turn.outputs.get(topic) ?? [])
        .map(({ key, value, timestamp }) => ({ key, value, timestamp }));
      expect(actual, `'${topic}', ${mode}`).toEqual(records);
    }
    const dropped = turns.flatMap((turn) => turn.drops);
    if (drops !== undefined) expect(dropped, `drops, ${mode}`).toEqual(drops);
  }
}
