import type { ErrorCode } from '../../../model/error-codes.ts';
import { type ErrorPlace, LogError, type LogErrorClass } from '../../../model/errors.ts';
import type { TopicPartition } from '../../port.ts';

interface BrokerCode {
  readonly name: string;
  readonly errorClass: LogErrorClass;
  readonly code: ErrorCode;
  readonly hint?: string;
}

const ready = (name: string): BrokerCode => ({
  name,
  errorClass: 'retriable',
  code: 'BROKER_NOT_READY',
});
const fenced = (name: string, code: ErrorCode): BrokerCode => ({
  name,
  errorClass: 'fenced',
  code,
});
const doubtful = (name: string, code: ErrorCode): BrokerCode => ({
  name,
  errorClass: 'abort-and-reinitialise',
  code,
});
const fatal = (name: string, code: ErrorCode, hint?: string): BrokerCode => ({
  name,
  errorClass: 'fatal',
  code,
  ...(hint === undefined ? {} : { hint }),
});

/** Error codes of Kafka's protocol, by what a caller may do about them. */
const brokerCodes: ReadonlyMap<number, BrokerCode> = new Map([
  [1, fatal('OFFSET_OUT_OF_RANGE', 'OFFSET_OUT_OF_RANGE')],
  [2, doubtful('CORRUPT_MESSAGE', 'CORRUPT_BATCH')],
  [3, fatal('UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_MISSING', 'Create it, or correct the name.')],
  [5, ready('LEADER_NOT_AVAILABLE')],
  [6, ready('NOT_LEADER_OR_FOLLOWER')],
  [7, doubtful('REQUEST_TIMED_OUT', 'REQUEST_TIMED_OUT')],
  [8, ready('BROKER_NOT_AVAILABLE')],
  [9, ready('REPLICA_NOT_AVAILABLE')],
  [10, fatal('MESSAGE_TOO_LARGE', 'RECORD_TOO_LARGE', 'See `max.message.bytes` of the topic.')],
  [12, fatal('OFFSET_METADATA_TOO_LARGE', 'RECORD_TOO_LARGE')],
  [13, ready('NETWORK_EXCEPTION')],
  [14, ready('COORDINATOR_LOAD_IN_PROGRESS')],
  [15, ready('COORDINATOR_NOT_AVAILABLE')],
  [16, ready('NOT_COORDINATOR')],
  [17, fatal('INVALID_TOPIC_EXCEPTION', 'BAD_NAME')],
  [18, fatal('RECORD_LIST_TOO_LARGE', 'RECORD_TOO_LARGE', 'See `segment.bytes` of the topic.')],
  [19, doubtful('NOT_ENOUGH_REPLICAS', 'BROKER_ERROR')],
  [20, doubtful('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'BROKER_ERROR')],
  [22, fenced('ILLEGAL_GENERATION', 'STALE_GENERATION')],
  [
    23,
    fatal('INCONSISTENT_GROUP_PROTOCOL', 'BROKER_ERROR', 'Another application uses this group id.'),
  ],
  [24, fatal('INVALID_GROUP_ID', 'BAD_NAME')],
  [25, fenced('UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER')],
  [
    26,
    fatal(
      'INVALID_SESSION_TIMEOUT',
      'BAD_OPTION',
      "Give a 'sessionTimeout' between the broker's `group.min.session.timeout.ms` (6 s) and `group.max.session.timeout.ms`.",
    ),
  ],
  [27, ready('REBALANCE_IN_PROGRESS')],
  [29, fatal('TOPIC_AUTHORIZATION_FAILED', 'NOT_AUTHORIZED')],
  [30, fatal('GROUP_AUTHORIZATION_FAILED', 'NOT_AUTHORIZED')],
  [31, fatal('CLUSTER_AUTHORIZATION_FAILED', 'NOT_AUTHORIZED')],
  [
    32,
    fatal(
      'INVALID_TIMESTAMP',
      'TIMESTAMP_REFUSED',
      'See `message.timestamp.after.max.ms` of the topic.',
    ),
  ],
  [33, fatal('UNSUPPORTED_SASL_MECHANISM', 'AUTHENTICATION_FAILED')],
  [35, fatal('UNSUPPORTED_VERSION', 'BROKER_TOO_OLD')],
  [37, fatal('INVALID_PARTITIONS', 'BAD_OPTION')],
  [
    38,
    fatal(
      'INVALID_REPLICATION_FACTOR',
      'BAD_OPTION',
      'It is above the number of brokers, or not positive.',
    ),
  ],
  [40, fatal('INVALID_CONFIG', 'BAD_OPTION')],
  [41, ready('NOT_CONTROLLER')],
  [42, fatal('INVALID_REQUEST', 'BROKER_ERROR')],
  [44, fatal('POLICY_VIOLATION', 'BROKER_ERROR', 'A policy of the cluster forbids it.')],
  [45, doubtful('OUT_OF_ORDER_SEQUENCE_NUMBER', 'OUT_OF_ORDER_SEQUENCE')],
  [46, doubtful('DUPLICATE_SEQUENCE_NUMBER', 'OUT_OF_ORDER_SEQUENCE')],
  [47, fenced('INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED')],
  [48, doubtful('INVALID_TXN_STATE', 'TRANSACTION_STATE')],
  [49, fenced('INVALID_PRODUCER_ID_MAPPING', 'PRODUCER_FENCED')],
  [
    50,
    fatal(
      'INVALID_TRANSACTION_TIMEOUT',
      'BAD_OPTION',
      "It is above the broker's `transaction.max.timeout.ms`.",
    ),
  ],
  [51, ready('CONCURRENT_TRANSACTIONS')],
  [52, doubtful('TRANSACTION_COORDINATOR_FENCED', 'TRANSACTION_STATE')],
  [53, fatal('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'NOT_AUTHORIZED')],
  [55, doubtful('OPERATION_NOT_ATTEMPTED', 'BROKER_ERROR')],
  [56, ready('KAFKA_STORAGE_ERROR')],
  [58, fatal('SASL_AUTHENTICATION_FAILED', 'AUTHENTICATION_FAILED')],
  [59, doubtful('UNKNOWN_PRODUCER_ID', 'OUT_OF_ORDER_SEQUENCE')],
  [68, fatal('NON_EMPTY_GROUP', 'GROUP_NOT_EMPTY', 'Stop all workers of the application first.')],
  [70, ready('FETCH_SESSION_ID_NOT_FOUND')],
  [71, ready('INVALID_FETCH_SESSION_EPOCH')],
  [72, ready('LISTENER_NOT_FOUND')],
  [74, ready('FENCED_LEADER_EPOCH')],
  [75, ready('UNKNOWN_LEADER_EPOCH')],
  [76, fatal('UNSUPPORTED_COMPRESSION_TYPE', 'UNSUPPORTED_CODEC')],
  [78, ready('OFFSET_NOT_AVAILABLE')],
  [79, ready('MEMBER_ID_REQUIRED')],
  [81, fatal('GROUP_MAX_SIZE_REACHED', 'BROKER_ERROR')],
  [82, fatal('FENCED_INSTANCE_ID', 'INSTANCE_FENCED', 'Give each worker its own `instanceId`.')],
  [84, fatal('ELIGIBLE_LEADERS_NOT_AVAILABLE', 'BROKER_ERROR')],
  [
    87,
    fatal('INVALID_RECORD', 'BROKER_ERROR', 'A compacted topic takes no records without a key.'),
  ],
  [88, ready('UNSTABLE_OFFSET_COMMIT')],
  [89, ready('THROTTLING_QUOTA_EXCEEDED')],
  [90, fenced('PRODUCER_FENCED', 'PRODUCER_FENCED')],
  [100, ready('UNKNOWN_TOPIC_ID')],
  [106, ready('FETCH_SESSION_TOPIC_ID_ERROR')],
  [120, doubtful('TRANSACTION_ABORTABLE', 'TRANSACTION_STATE')],
]);

/** Numbers that a caller looks for itself. */
export const BrokerErrorCode = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopic: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  notEnoughReplicas: 19,
  rebalanceInProgress: 27,
  topicAlreadyExists: 36,
  notController: 41,
  invalidTransactionState: 48,
  concurrentTransactions: 51,
  notAttempted: 55,
  groupUnknown: 69,
  storageError: 56,
  memberIdRequired: 79,
  fencedInstanceId: 82,
  unstableOffsets: 88,
} as const;

/** The operation that a user must be allowed for each request, as Kafka's ACLs name it. */
const neededRights: ReadonlyMap<string, string> = new Map([
  ['AddOffsetsToTxn', "'Write' on the transactional id and 'Read' on the group"],
  ['AddPartitionsToTxn', "'Write' on the transactional id and the topic"],
  ['CreateTopics', "'Create' on the topic or the cluster"],
  ['DeleteRecords', "'Delete' on the topic"],
  ['DeleteGroups', "'Delete' on the group"],
  ['DeleteTopics', "'Delete' on the topic"],
  ['DescribeConfigs', "'DescribeConfigs' on the topic"],
  ['DescribeGroups', "'Describe' on the group"],
  ['EndTxn', "'Write' on the transactional id"],
  ['Fetch', "'Read' on the topic"],
  ['FindCoordinator', "'Describe' on the group or the transactional id"],
  ['Heartbeat', "'Read' on the group"],
  ['InitProducerId', "'Write' on the transactional id, or without one 'Write' on any topic"],
  ['JoinGroup', "'Read' on the group"],
  ['LeaveGroup', "'Read' on the group"],
  ['ListOffsets', "'Describe' on the topic"],
  ['Metadata', "'Describe' on the topic"],
  ['OffsetCommit', "'Read' on the group and the topic"],
  ['OffsetFetch', "'Describe' on the group and the topic"],
  ['Produce', "'Write' on the topic and the transactional id"],
  ['SyncGroup', "'Read' on the group"],
  ['TxnOffsetCommit', "'Write' on the transactional id, 'Read' on the group and the topic"],
]);

export interface AnswerPlace {
  /** Name of the request. */
  readonly api: string;
  /** What it was about, as a reader of the message would say: `Topic 'in', partition 3`. */
  readonly subject: string;
  readonly where?: ErrorPlace;
  /** What the broker said beyond the number. */
  readonly detail?: string | null;
}

/** The subject of what was asked about one partition. */
export function placeText({ topic, partition }: TopicPartition): string {
  return `Topic '${topic}', partition ${partition}`;
}

/**
 * The error for a number that a broker answered. An unknown one leaves the outcome in doubt: the
 * producer is made anew, what was not committed is undone.
 */
export function brokerError(errorCode: number, { api, subject, where, detail }: AnswerPlace) {
  const known = brokerCodes.get(errorCode) ?? doubtful('an unknown error', 'BROKER_ERROR');
  const { name, errorClass, code } = known;
  const hint = code === 'NOT_AUTHORIZED' ? rightToGrant(api) : known.hint;
  const said = detail === undefined || detail === null ? '' : ` (${detail})`;
  const message = `${subject}: the broker answered ${api} with ${name} (${errorCode})${said}.`;
  const text = hint === undefined ? message : `${message} ${hint}`;
  return new LogError(errorClass, code, text, where === undefined ? {} : { where });
}

function rightToGrant(api: string): string {
  return `Grant ${neededRights.get(api) ?? 'the right for it'}.`;
}
