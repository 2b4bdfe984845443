import { readCases } from './case-file.ts';
import { runCase } from './run-case.ts';
import { Tally } from './tally.ts';

const usage = 'Usage: npm run conformance -- FILE...\nFILE: cases as JSON lines, plain or gzip.\n';

process.exitCode = await main(process.argv.slice(2));

/** 0: all passed; 1: a case failed or was skipped; 2: the files cannot be read. */
async function main(paths: readonly string[]): Promise<number> {
  if (paths.length === 0 || paths.includes('--help')) {
    process.stderr.write(usage);
    return paths.length === 0 ? 2 : 0;
  }
  const tally = new Tally();
  for (const path of paths) {
    try {
      await runFile(path, tally);
    } catch (error) {
      process.stderr.write(`${path}: ${error instanceof Error ? error.message : String(error)}\n`);
      return 2;
    }
  }
  process.stdout.write(`${tally.summary().join('\n')}\n`);
  return tally.failed.length === 0 && tally.skipped === 0 ? 0 : 1;
}

async function runFile(path: string, tally: Tally): Promise<void> {
  for (const given of readCases(path)) {
    const result = await runCase(given);
    tally.add(given.id, result);
    if (result.outcome === 'failed')
      process.stdout.write(`FAILED ${given.id}: ${result.problem}\n`);
  }
}
