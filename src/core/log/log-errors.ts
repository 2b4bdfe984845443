import { LogError } from '../model/errors.ts';
import type { FetchRequest, PartitionEnds } from './port.ts';

export function logClosed(): LogError {
  return new LogError('fatal', 'LOG_CLOSED', 'The log is closed. Close workers before the log.');
}

export function offsetOutOfRange(
  { topic, partition, offset }: FetchRequest,
  { logStartOffset, logEndOffset }: PartitionEnds,
): LogError {
  return new LogError(
    'fatal',
    'OFFSET_OUT_OF_RANGE',
    `Offset ${offset} of '${topic}', partition ${partition} is outside ${logStartOffset} to ` +
      `${logEndOffset}. Records were deleted or the topic was made anew; reset on purpose.`,
    { where: { topic, partition, offset } },
  );
}
