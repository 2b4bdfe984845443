import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { acts } from './play-with-acts.ts';
import { happenings } from './happenings.ts';
import { judgeCluster, judgeDriver } from './judge.ts';
import { randomCases } from './random-case.ts';

const usage = `npm run random [-- --runs N] [--cluster-runs N] [--seed S] [--no-shrink]

Runs random topologies of up to eight operators on random records, and compares what comes out with
an interpreter of docs/SEMANTICS.md: in the test driver with batches, commits and crashes, and in a
simulated cluster whose workers come and go. Prints the seed, which repeats a run. --no-shrink ends at the first difference as it is.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = parsed();
  if (options === null) {
    console.error(usage);
    return 2;
  }
  const { seed, runs, clusterRuns, endOnFailure } = options;
  const driver = await fc.check(
    fc.asyncProperty(randomCases(), acts(), async (given, chosen) => {
      throwIfAny(await judgeDriver(given, chosen));
    }),
    { seed, numRuns: runs, endOnFailure },
  );
  const isDriverRight = told(`${runs} in the test driver, seed ${seed}`, driver);
  const cluster = await fc.check(
    fc.asyncProperty(
      randomCases({ mixesTopics: false }),
      happenings(),
      fc.nat(),
      async (given, chosen, chance) => {
        throwIfAny(await judgeCluster(given, chosen, chance));
      },
    ),
    { seed, numRuns: clusterRuns, endOnFailure },
  );
  const isClusterRight = told(`${clusterRuns} in the cluster, seed ${seed}`, cluster);
  return isDriverRight && isClusterRight ? 0 : 1;
}

function throwIfAny(problem: string | null): void {
  if (problem !== null) throw new Error(problem);
}

function told<Ts>(what: string, details: fc.RunDetails<Ts>): boolean {
  const { failed, counterexample, errorInstance, numRuns } = details;
  if (failed) console.log(`${String(errorInstance)}\n${JSON.stringify(counterexample)}`);
  console.log(
    `Random topologies: ${what}: ${failed ? `a difference after ${numRuns} runs` : '0 differences'}`,
  );
  return !failed;
}

function parsed() {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string', default: '2000' },
        'cluster-runs': { type: 'string', default: '200' },
        seed: { type: 'string', default: String(randomBytes(4).readInt32BE()) },
        'no-shrink': { type: 'boolean', default: false },
      },
    });
    const numbers = [values.runs, values['cluster-runs'], values.seed].map(Number);
    const [runs = 0, clusterRuns = 0, seed = 0] = numbers;
    return numbers.every(Number.isSafeInteger)
      ? { runs, clusterRuns, seed, endOnFailure: values['no-shrink'] }
      : null;
  } catch {
    return null;
  }
}
