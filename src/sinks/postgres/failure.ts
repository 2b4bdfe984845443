import { messageOf } from '../../core/model/message-of.ts';
import type { ErrorCode } from '../../core/model/error-codes.ts';
import { SinkError, type SinkOutcome } from '../../core/model/errors.ts';

type Verdict = readonly [SinkOutcome, ErrorCode];

const unavailable: Verdict = ['unknown', 'SINK_UNAVAILABLE'];
const refused: Verdict = ['refused', 'SINK_ROW_REFUSED'];
const denied: Verdict = ['fatal', 'SINK_DENIED'];
const schema: Verdict = ['fatal', 'SINK_SCHEMA'];

/**
 * By SQLSTATE, the longest prefix that is here (PostgreSQL 15, appendix A). What is not, as 40001,
 * 40P01, 55P03, 57P01, 08006, 53300 or 25006 of a standby, passes with time or needs somebody who
 * is told of it: the batch waits.
 */
const verdicts: Readonly<Record<string, Verdict>> = {
  // Values out of range or unreadable; constraints; too long for an index.
  '22': refused,
  '23': refused,
  '42804': refused,
  '54': refused,
  // A view with a check option; what PL/pgSQL raises of itself, as a trigger does.
  '44': refused,
  P0: refused,
  // Two rows of a batch that differ for DISTINCT ON and are one for the index: alone they pass.
  '21000': refused,
  '28': denied,
  '42501': denied,
  '42': schema,
  // No such database, no such schema.
  '3D': schema,
  '3F': schema,
};

/** The error for the engine. `where` says whose; texts of the server name no password. */
export function failureOf(error: unknown, where: string): SinkError {
  if (error instanceof SinkError) return error;
  const state = sqlStateOf(error);
  const [outcome, code] = state === null ? verdictWithoutState(error) : verdictOf(state);
  const named = state === null ? '' : ` (SQLSTATE ${state})`;
  return new SinkError(outcome, code, `${where}: ${reasonOf(error)}${named}`, { cause: error });
}

function verdictOf(state: string): Verdict {
  for (let length = state.length; length >= 2; length--) {
    const verdict = verdicts[state.slice(0, length)];
    if (verdict !== undefined) return verdict;
  }
  return unavailable;
}

/** `pg` itself refuses to log in without a password, or with one that the server cannot prove. */
function verdictWithoutState(error: unknown): Verdict {
  return messageOf(error).startsWith('SASL') ? denied : unavailable;
}

/** A system's error has a code too, EPIPE looks like a state: only the server has a severity. */
function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Of several addresses that were tried each has an error, and the whole has no text. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return messageOf(error);
}
