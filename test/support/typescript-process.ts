import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const hooks = fileURLToPath(new URL('./register-typescript.mjs', import.meta.url));

export interface FinishedProcess {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** A program of this project in a process of its own, from its source. */
export interface TypeScriptProcess {
  readonly child: ChildProcess;
  readonly finished: Promise<FinishedProcess>;
  /** Resolves once the output so far matches; rejects if the program ends before. */
  outputMatches(pattern: RegExp): Promise<void>;
}

export function startTypeScript(entry: URL, args: readonly string[]): TypeScriptProcess {
  const command = ['--enable-source-maps', '--import', hooks, fileURLToPath(entry), ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const append = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', append);
  child.stderr.on('data', append);
  const finished = once(child, 'close').then((): FinishedProcess => {
    return { code: child.exitCode, signal: child.signalCode, output };
  });
  return {
    child,
    finished,
    async outputMatches(pattern) {
      while (!pattern.test(output)) {
        const waiting = new AbortController();
        const { signal } = waiting;
        const ended = await Promise.race([
          finished,
          once(child.stdout, 'data', { signal }).then(() => null),
          once(child.stderr, 'data', { signal }).then(() => null),
        ]);
        // Or each line would leave a listener at the stream that had none.
        waiting.abort();
        if (ended !== null) throw new Error(`Ended without ${String(pattern)}:\n${ended.output}`);
      }
    },
  };
}
