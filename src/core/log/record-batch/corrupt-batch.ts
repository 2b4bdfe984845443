import { type ErrorPlace, LogError } from '../../model/errors.ts';

/** The error for bytes that are no record batch. `at` is the position in the buffer decoded. */
export function corruptBatch(problem: string, at: number, where: ErrorPlace = {}): LogError {
  const place =
    where.topic === undefined ? '' : ` of '${where.topic}', partition ${where.partition ?? '?'}`;
  return new LogError(
    'fatal',
    'CORRUPT_BATCH',
    `Cannot decode the record batch at byte ${at}${place}: ${problem}. ` +
      'The log is damaged there; restore it from a replica.',
    { where },
  );
}
