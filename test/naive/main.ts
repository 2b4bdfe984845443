import { type ConformanceCase, readCases } from '../conformance/case-file.ts';
import { interpret } from './interpreter.ts';

const usage = 'Usage: npm run conformance:naive -- FILE...\nFILE: cases as JSON lines.\n';

/** Compares the interpreter with recorded answers: who judges has to be right himself. */
process.exitCode = main(process.argv.slice(2));

function main(paths: readonly string[]): number {
  if (paths.length === 0) {
    process.stderr.write(usage);
    return 2;
  }
  let [passed, failed, skipped] = [0, 0, 0];
  for (const given of paths.flatMap((path) => readCases(path))) {
    if (isBeyond(given)) {
      skipped += 1;
      continue;
    }
    const problem = mismatch(given);
    if (problem === null) passed += 1;
    else failed += 1;
    if (problem !== null) process.stdout.write(`FAILED ${given.id}: ${problem}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed === 0 ? 0 : 1;
}

/** It knows no time zones, and takes records one by one. */
function isBeyond({ steps, feed }: ConformanceCase): boolean {
  const windows = steps.map(({ window }) => (window ?? {}) as { readonly zone?: string }); // as the format says
  return feed === 'filled' || windows.some(({ zone = 'UTC' }) => zone !== 'UTC');
}

function mismatch(given: ConformanceCase): string | null {
  const { expected, drops } = interpret(given.steps, given.records, given.clock);
  for (const topic of new Set([...given.expected, ...expected].map((record) => record.topic))) {
    const of = (records: ConformanceCase['expected']) =>
      linesOf(records.filter((record) => record.topic === topic));
    const [wanted, got] = [of(given.expected), of(expected)];
    if (given.compare === 'per-input-set') [wanted, got].forEach((lines) => lines.sort());
    if (wanted.join() !== got.join()) return `'${topic}': ${got.join()}, not ${wanted.join()}`;
  }
  if (given.drops === undefined) return null;
  const [wanted, got] = [linesOf(given.drops), linesOf(drops)];
  return wanted.join() === got.join() ? null : `drops: ${got.join()}, not ${wanted.join()}`;
}

function linesOf(records: readonly object[]): string[] {
  return records.map((record) => JSON.stringify(record, Object.keys(record).sort()));
}
