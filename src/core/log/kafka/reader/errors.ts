import { LogError } from '../../../model/errors.ts';
import type { FetchRequest, TopicPartition } from '../../port.ts';
import { placeText } from '../requests/broker-error.ts';

/** The broker refused the position, and a moment later it lies inside the log. */
export function positionUnsettled({ topic, partition, offset }: FetchRequest): LogError {
  return new LogError(
    'retriable',
    'BROKER_NOT_READY',
    `${placeText({ topic, partition })}: the broker does not give offset ${offset}, though it lies ` +
      'inside the log. Look at the health of the cluster if it lasts.',
    { where: { topic, partition, offset } },
  );
}

export function leaderUnknown(place: TopicPartition): LogError {
  return new LogError(
    'retriable',
    'BROKER_NOT_READY',
    `${placeText(place)} has no leader. Look at the health of the cluster if it lasts.`,
    { where: place },
  );
}

export function notAnswered(place: TopicPartition): LogError {
  return new LogError(
    'retriable',
    'BROKER_NOT_READY',
    `${placeText(place)}: the broker's answer to Fetch leaves it out.`,
    { where: place },
  );
}

/** The same trouble, for a caller that may try again. */
export function asRetriable(error: LogError): LogError {
  if (error.errorClass !== 'abort-and-reinitialise') return error;
  const { code, message, where } = error;
  return new LogError('retriable', code, message, { where, cause: error });
}
