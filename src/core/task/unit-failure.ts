import type { ErrorPolicy, ErrorStage } from '../model/drop-reason.ts';
import { LogError, MillraceError, ProcessingError } from '../model/errors.ts';
import { messageOf } from '../model/message-of.ts';

/** Carries an error of user code out of the processors to the task, which knows the policies. */
export class UnitFailure extends Error {
  constructor(
    readonly error: MillraceError,
    readonly stage: ErrorStage,
    /** Of the node that failed; null where none is set. */
    readonly policy: ErrorPolicy | null,
    readonly node: string,
  ) {
    super(error.message, { cause: error });
  }
}

/** Codes that are the engine's own: no policy of the author decides about them. */
const engineCodes: ReadonlySet<string> = new Set([
  'INVARIANT',
  'STORE_IO',
  'STORE_DAMAGED',
  'STORE_CLOSED',
  'STORE_LOCKED',
  'TIMER_LOOP',
  'LOSSY_SERDE',
]);

interface FailedNode {
  readonly name: string;
  readonly policy: ErrorPolicy | null;
}

/** What to throw on for an error that came out of a node's own code. */
export function failureOf(
  { name, policy }: FailedNode,
  stage: 'processing' | 'production',
  error: unknown,
): unknown {
  if (error instanceof UnitFailure) return error;
  if (error instanceof MillraceError) {
    if (error instanceof LogError || engineCodes.has(error.code)) return error;
    return new UnitFailure(error, stage, policy, name);
  }
  const placed = new ProcessingError('PROCESSING', `Node '${name}' threw: ${messageOf(error)}`, {
    where: { node: name },
    cause: error,
  });
  return new UnitFailure(placed, stage, policy, name);
}

/** The error itself, where no policy is asked about it. */
export function causeOf(error: unknown): unknown {
  return error instanceof UnitFailure ? error.error : error;
}
