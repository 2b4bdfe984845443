// Prints `<passed> <failed>` of a JSON report of vitest that ended with the given exit status.
import { existsSync, readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { testResults: [] };
const { numPassedTests = 0, numFailedTests = 0, testResults } = report;
const unloaded = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
const failed = numFailedTests + unloaded.length;
const isCutShort = failed === 0 && (status !== '0' || !existsSync(file));
console.log(`${numPassedTests} ${failed + (isCutShort ? 1 : 0)}`);
