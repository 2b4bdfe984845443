import { StoreError } from '../../core/model/errors.ts';

/** What went wrong below, judged by code; LevelDB's own error is the cause of the outer one. */
export type LevelFailure = 'locked' | 'damaged' | 'io';

/** What the operating system says when a file that LevelDB relies on is gone or another thing. */
const missingFile =
  /No such file|Not a directory|Is a directory|File name too long|Invalid argument/;

/** An error with the code that LevelDB would have given it. */
export class LevelError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function classify(error: unknown): LevelFailure {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = 'code' in current ? current.code : undefined;
    // Synchronous reads throw LevelDB's text without a code.
    const { message } = current;
    if (code === 'LEVEL_LOCKED') return 'locked';
    if (code === 'LEVEL_CORRUPTION' || message.startsWith('Corruption: ')) return 'damaged';
    if (code === 'LEVEL_NOT_FOUND' || message.startsWith('NotFound: ')) return 'damaged';
    if (code !== 'LEVEL_IO_ERROR' && !message.startsWith('IO error: ')) continue;
    if (message.startsWith('IO error: lock ')) return 'locked';
    return missingFile.test(message) ? 'damaged' : 'io';
  }
  return 'io';
}

export function messageOf(error: unknown): string {
  let message = String(error);
  for (let current = error; current instanceof Error; current = current.cause) {
    message = current.message;
  }
  return message;
}

/** The first failed read or write of an open state; nothing is read or written after it. */
export function failureOf(cause: unknown, doing: string, directory: string): StoreError {
  if (classify(cause) === 'damaged') {
    return new StoreError(
      'STORE_DAMAGED',
      `${doing} in '${directory}' met a damaged file: ${messageOf(cause)}. ` +
        'The state is rebuilt from its changelog.',
      { cause },
    );
  }
  return new StoreError(
    'STORE_IO',
    `${doing} in '${directory}' failed: ${messageOf(cause)}. Check rights, space and the disk; ` +
      'the state is rebuilt from its changelog.',
    { cause },
  );
}
