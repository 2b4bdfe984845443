import { LogError } from '../../model/errors.ts';
import type { FetchRequest, PartitionEnds, TopicPartition } from '../port.ts';

/** As a reader of the message would say it. */
export function subjectOf({ topic, partition }: TopicPartition): string {
  return `topic '${topic}', partition ${partition}`;
}

export function offsetOutOfRange(
  { topic, partition, offset }: FetchRequest,
  { logStartOffset, logEndOffset }: PartitionEnds,
): LogError {
  return new LogError(
    'fatal',
    'OFFSET_OUT_OF_RANGE',
    `Offset ${offset} of '${topic}', partition ${partition}, is outside ${logStartOffset} to ` +
      `${logEndOffset}. Records were deleted or the topic was made anew; reset on purpose.`,
    { where: { topic, partition, offset } },
  );
}

/** The broker refused the position, and a moment later it lies inside the log. */
export function positionUnsettled({ topic, partition, offset }: FetchRequest): LogError {
  return new LogError(
    'retriable',
    'BROKER_NOT_READY',
    `The broker does not give offset ${offset} of ${subjectOf({ topic, partition })}, though it ` +
      'lies inside the log. Look at the health of the cluster if it lasts.',
    { where: { topic, partition, offset } },
  );
}

export function leaderUnknown(place: TopicPartition): LogError {
  return new LogError(
    'retriable',
    'BROKER_NOT_READY',
    `${subjectOf(place)} has no leader. Look at the health of the cluster if it lasts.`,
    { where: place },
  );
}

export function notAnswered(place: TopicPartition): LogError {
  return new LogError(
    'retriable',
    'BROKER_NOT_READY',
    `${subjectOf(place)}: the broker's answer to Fetch leaves it out.`,
    { where: place },
  );
}

export function readerClosed(): LogError {
  return new LogError('fatal', 'LOG_CLOSED', 'The log is closed. Close workers before the log.');
}

/** The same trouble, for a caller that may try again. */
export function asRetriable(error: LogError): LogError {
  if (error.errorClass !== 'abort-and-reinitialise') return error;
  const { code, message, where } = error;
  return new LogError('retriable', code, message, { where, cause: error });
}
