#!/usr/bin/env node
// A package has the command compiled in dist. A clone compiles it here, as `npm start` does.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
if (existsSync(new URL('tsconfig.tools.json', root))) {
  const options = { cwd: fileURLToPath(root), stdio: ['ignore', 'inherit', 'inherit'] };
  const { status } = spawnSync('npm', ['run', '--silent', 'tools'], options);
  if (status !== 0) process.exit(1);
  await import('../.build/src/cli/main.js');
} else {
  await import('../dist/cli/main.js');
}
