import { MillraceError } from '../../src/index.ts';
import { usage as viewCountsUsage, UsageError } from '../view-counts/arguments.ts';
import { areForViewCounts, parseSettings, type Settings, usage } from './arguments.ts';
import { runPlatform } from './platform.ts';

const given = process.argv.slice(2);
if (areForViewCounts(given)) await import('../view-counts/main.ts');
else process.exitCode = await main(given);

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
    process.stdout.write(`${usage}\n${viewCountsUsage}`);
    return 0;
  }
  try {
    await runPlatform(settings, process.stdout, stopSignal());
    return 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}

/** The first signal stops in good order; the second one at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

function messageOf(error: unknown): string {
  if (error instanceof MillraceError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
