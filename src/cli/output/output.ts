import type { Logger, LogFields } from '../../core/runtime/logger.ts';

/** From the least important on. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

/** One line of the log. */
export interface LogEvent {
  readonly timeMs: number;
  readonly level: LogLevel;
  /** Who says it: 'worker 2', 'supervisor'. */
  readonly source: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Where the command writes: results to one side, its log to the other. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly log: (text: string) => void;
}

export interface LoggerOptions {
  readonly source: string;
  readonly level: LogLevel;
  readonly format: (event: LogEvent) => string;
  readonly write: (line: string) => void;
  readonly wallClockTimeMs: () => number;
}

/** Writes one line per event, of the levels from `level` on. */
export function lineLogger(options: LoggerOptions): Logger {
  const { source, format, write, wallClockTimeMs } = options;
  const least = logLevels.indexOf(options.level);
  const at = (level: LogLevel) => {
    if (logLevels.indexOf(level) < least) return () => undefined;
    return (message: string, fields: LogFields = {}): void => {
      write(`${format({ timeMs: wallClockTimeMs(), level, source, message, fields })}\n`);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
