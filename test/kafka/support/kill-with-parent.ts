import { type ChildProcess, spawn } from 'node:child_process';

/** Waits for the end of its input, which comes however the parent ends. */
const script = `
while read -r line; do :; done
for file in "$1"/*.pid; do
  [ -e "$file" ] && kill -9 -- "-$(cat "$file")" 2>/dev/null
done
sleep 0.2
rm -rf "$1"
`;

/**
 * A process that outlives this one by a moment: it kills the process groups named by the `*.pid`
 * files in the directory, then removes the directory. Ending its input does the same earlier.
 */
export function killWithParent(directory: string): ChildProcess {
  const stdio = ['pipe', 'ignore', 'ignore'] as const;
  const watcher = spawn('sh', ['-c', script, 'sh', directory], {
    stdio: [...stdio],
    detached: true,
  });
  watcher.unref();
  return watcher;
}
