import type { Logger } from '../../core/runtime/logger.ts';
import type { OutputSettings } from '../arguments.ts';
import { jsonLine } from './json-line.ts';
import { lineLogger, type Streams } from './output.ts';
import { errorText, textLine } from './text-line.ts';

/** What a process of the command says, and where. */
export interface Output {
  readonly logger: Logger;
  /** A line for whoever waits for it, on the standard output. */
  announce(text: string): void;
  /** The last line of a process that failed, with all that is known of the error. */
  fail(message: string, error: unknown): void;
}

export function createOutput(
  { format, level }: OutputSettings,
  source: string,
  streams: Streams,
): Output {
  const isJson = format === 'json';
  const logger = lineLogger({
    source,
    level,
    format: isJson ? jsonLine : textLine,
    write: streams.log,
    wallClockTimeMs: () => Date.now(),
  });
  return {
    logger,
    announce: (text) => streams.out(`${text}\n`),
    fail(message, error) {
      if (isJson) return logger.error(message, { error });
      logger.error(message);
      // Indented: what begins with a time is a line of the log.
      streams.log(`${errorText(error).replaceAll(/^/gm, '  ')}\n`);
    },
  };
}
