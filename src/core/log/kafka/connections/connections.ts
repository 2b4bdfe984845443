import type { TopicPartition } from '../../port.ts';
import type { Api } from '../wire/api.ts';
import type { Carried } from '../wire/codec.ts';
import type { metadata } from '../wire/messages/metadata.ts';

export type ClusterMetadata = Carried<(typeof metadata)['answer']>;
export type CoordinatorType = 'group' | 'transaction';

export interface CallOptions {
  /** The longest that the answer may take; the broker's own waiting included. Default 10 s. */
  readonly timeoutMs?: number;
}

/**
 * Sockets to the brokers of a cluster, for one role: a broker works on one request of a connection
 * at a time, so what waits long must not stand before what is urgent. Nothing is repeated in here;
 * a request whose answer is lost may have been carried out.
 */
export interface Connections {
  /**
   * Sends a request to a broker. Error codes inside the answer are the caller's.
   *
   * @throws {LogError} `BROKER_UNREACHABLE` (`retriable`): surely not carried out.
   * `REQUEST_TIMED_OUT` (`abort-and-reinitialise`): no answer in time or the connection broke; the
   * outcome is unknown, and the connection is not used again, so that a late answer reaches nobody.
   * `fatal`: `BROKER_TOO_OLD`, `AUTHENTICATION_FAILED`, `CORRUPT_ANSWER`, `LOG_CLOSED`.
   */
  call<Request, Answer>(
    nodeId: number,
    api: Api<Request, Answer>,
    request: Request,
    options?: CallOptions,
  ): Promise<Answer>;
  /** A broker that is reachable; any answers what concerns the whole cluster. */
  anyNode(): Promise<number>;
  controller(): Promise<number>;
  /** Asked anew; topics that do not exist carry their error code. */
  metadata(topics: readonly string[]): Promise<ClusterMetadata>;
  /**
   * The leaders of partitions, in the order asked for: remembered until `forgetLeaders`. Null for
   * a partition that has none now. @throws {LogError} `TOPIC_MISSING`, `NOT_AUTHORIZED`.
   */
  leadersOf(partitions: readonly TopicPartition[]): Promise<readonly (number | null)[]>;
  /** An answer said that they moved. */
  forgetLeaders(topics: readonly string[]): void;
  /**
   * Remembered until `forgetCoordinator`.
   *
   * @throws {LogError} `BROKER_NOT_READY`, `NOT_AUTHORIZED`.
   */
  coordinatorOf(type: CoordinatorType, id: string): Promise<number>;
  forgetCoordinator(type: CoordinatorType, id: string): void;
  /** Breaks what is open: requests in flight are rejected, the next one connects anew. */
  reset(nodeId: number): void;
  close(): Promise<void>;
}
