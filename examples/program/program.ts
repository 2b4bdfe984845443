import { MillraceError } from '../../src/index.ts';
import { UsageError } from './arguments.ts';
import type { Output } from './output.ts';

/** A program that runs until it is done or the signal comes. */
export interface Program<Settings> {
  readonly usage: string;
  /** Null: help was asked for. @throws {UsageError} */
  parse(args: readonly string[]): Settings | null;
  run(settings: Settings, out: Output, signal: AbortSignal): Promise<void>;
  /** What to do about an error, by its code. */
  readonly hints?: Readonly<Record<string, string>>;
}

/** Answers with the exit code: 0: done; 1: failed; 2: wrong arguments. */
export async function play<Settings>(
  { usage, parse, run, hints = {} }: Program<Settings>,
  args: readonly string[],
): Promise<number> {
  try {
    const settings = parse(args);
    if (settings === null) process.stdout.write(usage);
    else await run(settings, process.stdout, stopSignal());
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${error.message}\nTry --help.\n` : messageOf(error, hints));
    return isUsage ? 2 : 1;
  }
}

/** The first signal, or a reader who goes away, stops in good order; a second signal at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  process.stdout.on('error', () => stop.abort());
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

function messageOf(error: unknown, hints: Readonly<Record<string, string>>): string {
  if (!(error instanceof Error)) return `${String(error)}\n`;
  if (!(error instanceof MillraceError)) return `${error.message}\n`;
  const hint = hints[error.code];
  return `${error.code}: ${error.message}\n${hint === undefined ? '' : `${hint}\n`}`;
}
