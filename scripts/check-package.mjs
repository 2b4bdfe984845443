// Checks that the package holds what a user needs and nothing else; `dist` must have been built.
import { execFileSync } from 'node:child_process';

const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [{ files, entryCount, unpackedSize }] = JSON.parse(output);
const paths = files.map(({ path }) => path);
const documents = ['README.md', 'LICENSE', 'CHANGELOG.md'];
const needed = ['package.json', ...documents, 'bin/millrace.mjs', 'dist/index.js'];
const wanted = /^(?:dist\/.+\.(?:js|d\.ts)|docs\/.+\.(?:md|yml))$/;
const isWanted = (path) => needed.includes(path) || wanted.test(path);

const problems = [
  ...needed.filter((path) => !paths.includes(path)).map((path) => `missing: ${path}`),
  ...paths.filter((path) => !isWanted(path)).map((path) => `not needed: ${path}`),
];
for (const problem of problems) console.error(problem);
console.log(`${entryCount} files, ${unpackedSize} bytes`);
process.exitCode = problems.length === 0 ? 0 : 1;
