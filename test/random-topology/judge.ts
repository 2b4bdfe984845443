import type { ExpectedDrop, Step } from '../conformance/case-file.ts';
import { buildCase } from '../conformance/build-case.ts';
import { findMismatch } from '../conformance/compare.ts';
import { type Interpretation, interpret } from '../naive/interpreter.ts';
import type { Step as Happening } from '../simulation/scenario.ts';
import { memoryDriver } from '../support/memory-driver.ts';
import type { Turn } from '../support/run-modes.ts';
import { inCluster } from './in-cluster.ts';
import { type Act, playWithActs } from './play-with-acts.ts';
import type { RandomCase } from './random-case.ts';
import { orderWhenFilled } from './taken-order.ts';

/** How the test driver differs from the interpreter; null if it does not. */
export async function judgeDriver(
  { steps, records }: RandomCase,
  acts: readonly Act[],
): Promise<string | null> {
  const { topology, outputTopics } = buildCase({ id: 'random', steps });
  const driver = await memoryDriver(topology, { wallClockTimeMs: 0 });
  const turn = await playWithActs(driver, { topology, input: records, outputTopics }, acts);
  const interpreted = interpret(steps, records);
  return (
    outputMismatch(steps, interpreted, turn) ?? dropMismatch(steps, interpreted.drops, turn.drops)
  );
}

/** The same for workers that come and go, where all input is there before the first starts. */
export async function judgeCluster(
  { steps, records }: RandomCase,
  happenings: readonly Happening[],
  seed: number,
): Promise<string | null> {
  const { topology, outputTopics } = buildCase({ id: 'random', steps });
  const outputs = await inCluster({ topology, records, outputTopics, happenings, seed });
  const interpreted = interpret(steps, orderWhenFilled(topology, records));
  return outputMismatch(steps, interpreted, { by: null, outputs, drops: [] });
}

function outputMismatch(
  steps: readonly Step[],
  { expected }: Interpretation,
  turn: Turn,
): string | null {
  const answer = { id: 'random', steps, records: [], expected, compare: 'ordered' } as const;
  const mismatch = findMismatch(answer, [...turn.outputs.keys()], [turn]);
  return mismatch === null ? null : `${mismatch}\n${shown(steps)}`;
}

/** Tasks drop side by side, so the order is not told. */
function dropMismatch(
  steps: readonly Step[],
  expected: readonly ExpectedDrop[],
  drops: readonly string[],
): string | null {
  const wanted = expected.map(({ reason }) => reason).sort();
  const got = drops.toSorted();
  if (wanted.join() === got.join()) return null;
  return `dropped ${got.join()}, not ${wanted.join()}\n${shown(steps)}`;
}

function shown(steps: readonly Step[]): string {
  return steps.map((step) => JSON.stringify(step)).join('\n');
}
