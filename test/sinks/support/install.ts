import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** Installs the engines of these tests where they are absent; the root has none of them. */
export function setup(): void {
  const needed = ['chdb', 'playwright-core'];
  if (needed.every((name) => existsSync(`${folder}/node_modules/${name}`))) return;
  console.log('Installing the database engines of test/sinks, once.');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status === 0) return;
  console.error('`npm ci` in test/sinks failed: without its engines these tests cannot run.');
  process.exit(1);
}
