import { errorCodes } from '../core/model/error-codes.ts';

/** How the command ends, for whoever started it. */
export const exitCodes = {
  clean: 0,
  failed: 1,
  /** Arguments, settings or a topology that cannot be used: starting again would not help. */
  usage: 2,
  /** A worker asks to be started again (`EX_TEMPFAIL` of sysexits.h). */
  restartMe: 75,
} as const;

/** Arguments that cannot be understood; the message is for the user. */
export class UsageError extends Error {}

/** A worker did not stop in the time it was given. */
export class StopTimeoutError extends Error {}

/** The code a process ends with because of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  const code = libraryCodeOf(error);
  if (code === null || !(error instanceof Error)) return exitCodes.failed;
  // A topic may be made while the worker is tried again.
  if (code === 'TOPIC_MISSING') return exitCodes.failed;
  const isConfiguration = ['ConfigError', 'TopologyError'].includes(error.name);
  return isConfiguration || code === 'BAD_OPTION' ? exitCodes.usage : exitCodes.failed;
}

/** By its code, not its class: the application may have loaded a copy of the library. */
export function libraryCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? code : null;
}
