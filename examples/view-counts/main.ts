import { MillraceError } from '../../src/index.ts';
import { parseSettings, type Settings, usage, UsageError } from './arguments.ts';
import { runDemo } from './demo.ts';

process.exitCode = await main(process.argv.slice(2));

/** 0: done; 1: failed; 2: wrong arguments. */
async function main(args: readonly string[]): Promise<number> {
  let settings: Settings | null;
  try {
    settings = parseSettings(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nTry --help.\n`);
    return 2;
  }
  if (settings === null) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    await runDemo(settings, process.stdout, stopSignal());
    return 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}

/** The first signal stops in good order; the second one at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      stop.abort();
    });
  }
  return stop.signal;
}

function messageOf(error: unknown): string {
  if (error instanceof MillraceError) {
    const hint = error.code === 'WINDOW_CHANGED' ? '\n--fresh starts with another window.' : '';
    return `${error.code}: ${error.message}${hint}`;
  }
  return error instanceof Error ? error.message : String(error);
}
