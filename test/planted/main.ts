import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Plantation } from './plant.ts';
import { plantedBugs } from './planted-bugs.ts';

const usage = `npm run planted [-- --vectors FILE] [--only NAME] [--runs N] [--seed S]

Plants bugs in the compiled engine, one at a time, and looks who finds them: the vectors, or random
topologies compared with the interpreter. Every bug has to be found.`;

/** A bug may make a run endless. */
const maxMs = 180_000;
const run = promisify(execFile);

process.exitCode = await main();

async function main(): Promise<number> {
  const options = parsed();
  if (options === null) {
    console.error(usage);
    return 2;
  }
  const plantation = await Plantation.open(join(import.meta.dirname, '..', '..', '..'));
  const bugs = plantedBugs.filter(
    ({ name }) => options.only === undefined || name === options.only,
  );
  let found = 0;
  try {
    const finder = await finderOf(plantation, options);
    if (finder !== null) throw new Error(`Something is found where nothing is planted: ${finder}`);
    for (const bug of bugs) {
      await plantation.plant(bug);
      const finder = await finderOf(plantation, options);
      await plantation.uproot(bug);
      if (finder !== null) found += 1;
      console.log(`${bug.name}: ${finder ?? 'NOT FOUND'}`);
    }
  } finally {
    await plantation.close();
  }
  console.log(`${found} of ${bugs.length} planted bugs found (seed ${options.seed})`);
  return found === bugs.length && found > 0 ? 0 : 1;
}

interface Options {
  readonly vectors: string | undefined;
  readonly only: string | undefined;
  readonly runs: string;
  readonly seed: string;
}

async function finderOf({ directory }: Plantation, options: Options): Promise<string | null> {
  const tests = join(directory, 'test');
  if (options.vectors !== undefined) {
    const said = await failureOf(join(tests, 'conformance', 'main.js'), [options.vectors]);
    const ids = said?.match(/(?<=^FAILED )[^:]+/gm) ?? [];
    if (said !== null) return `vectors ${ids.slice(0, 4).join(' ')}`;
  }
  const { runs, seed } = options;
  const counts = ['--runs', runs, '--cluster-runs', '40', '--seed', seed, '--no-shrink'];
  const said = await failureOf(join(tests, 'random-topology', 'main.js'), counts);
  return said === null
    ? null
    : `random topologies (${said.match(/after \d+ runs/)?.[0] ?? 'died'})`;
}

/** What it said before it failed; null if it did not. */
async function failureOf(script: string, args: readonly string[]): Promise<string | null> {
  try {
    await run(process.execPath, [script, ...args], { timeout: maxMs, maxBuffer: 64 * 1024 * 1024 });
    return null;
  } catch (error) {
    return String((error as { readonly stdout?: unknown }).stdout ?? error); // of execFile
  }
}

function parsed(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        vectors: { type: 'string' },
        only: { type: 'string' },
        runs: { type: 'string', default: '600' },
        seed: { type: 'string', default: '1' },
      },
    });
    const { vectors, only, runs, seed } = values;
    return { vectors, only, runs, seed };
  } catch {
    return null;
  }
}
