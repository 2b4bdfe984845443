import type { TopicPartition } from '../../port.ts';
import type { Connections, CoordinatorType } from '../connections/connections.ts';
import type { Api } from '../wire/api.ts';
import { brokerError, BrokerErrorCode, placeText } from './broker-error.ts';

/** Who is asked: the coordinator of a group or of a transactional id. */
export interface Coordinated {
  readonly type: CoordinatorType;
  readonly id: string;
}

/** Why an answer is none. */
export interface Refusal {
  readonly errorCode: number;
  readonly place?: TopicPartition;
}

export interface CoordinatedRequest<Request, Answer> {
  readonly api: Api<Request, Answer>;
  readonly request: Request;
  /** Null if the coordinator did what was asked. */
  readonly refusalIn: (answer: Answer) => Refusal | null;
}

/**
 * Asks once. A coordinator that has moved is looked up anew by the next call.
 *
 * @throws {LogError} by the answer's error code, or as `Connections.call`.
 */
export async function askCoordinator<Request, Answer>(
  connections: Connections,
  { type, id }: Coordinated,
  { api, request, refusalIn }: CoordinatedRequest<Request, Answer>,
): Promise<Answer> {
  const nodeId = await connections.coordinatorOf(type, id);
  const answer = await connections.call(nodeId, api, request).catch((error: unknown) => {
    connections.forgetCoordinator(type, id);
    throw error;
  });
  const refusal = refusalIn(answer);
  if (refusal === null) return answer;
  const { errorCode, place } = refusal;
  if (isElsewhere(errorCode)) connections.forgetCoordinator(type, id);
  const owner = type === 'group' ? `group '${id}'` : `transactional id '${id}'`;
  throw place === undefined
    ? brokerError(errorCode, { api: api.name, subject: `For ${owner}` })
    : brokerError(errorCode, {
        api: api.name,
        subject: `${placeText(place)}, for ${owner}`,
        where: place,
      });
}

const elsewhereCodes: ReadonlySet<number> = new Set([
  BrokerErrorCode.coordinatorNotAvailable,
  BrokerErrorCode.notCoordinator,
]);

/** The coordinator has to be looked up anew: one that only loads is the right one. */
export function isElsewhere(errorCode: number): boolean {
  return elsewhereCodes.has(errorCode);
}

/** The refusal of an answer with one error code. */
export function refusalOf(answer: { readonly errorCode: number }): Refusal | null {
  return answer.errorCode === BrokerErrorCode.none ? null : answer;
}

interface AnsweredTopic {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
}

/** The refusal that says most of an answer with an error code for each partition. */
export function partitionRefusal(topics: readonly AnsweredTopic[]): Refusal | null {
  let found: Refusal | null = null;
  for (const { topic, partitions } of topics) {
    for (const { partition, errorCode } of partitions) {
      if (errorCode === BrokerErrorCode.none) continue;
      const refusal = { errorCode, place: { topic, partition } };
      // Partitions that share a request with the one at fault are refused for its sake.
      if (errorCode !== BrokerErrorCode.notAttempted) return refusal;
      found ??= refusal;
    }
  }
  return found;
}
