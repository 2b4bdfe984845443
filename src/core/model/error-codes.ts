interface ErrorCodeEntry {
  readonly meaning: string;
  readonly remedy: string;
}

const reset = 'reset the application (docs/UPGRADING.md)';

/** Every code this library throws. A code never changes its meaning; callers test the code. */
export const errorCodes = {
  INVARIANT: {
    meaning: 'An assumption inside the library does not hold.',
    remedy: 'It is a defect of the library: report it with the message and the stack.',
  },
  BAD_DURATION: {
    meaning: 'A duration is not a whole, non-negative number of milliseconds.',
    remedy: "Write milliseconds or text such as '1 minute', '30s', '1d'.",
  },
  BAD_OPTION: {
    meaning: 'An option has a value that cannot be used.',
    remedy: 'The message names the option and the values it takes.',
  },
  INVALID_TOPOLOGY: {
    meaning: 'The topology cannot run.',
    remedy: 'The problems are listed, each with a code and the node.',
  },
  DUPLICATE_NAME: {
    meaning: 'Two nodes, stores or internal topics have one name.',
    remedy: 'Names are identity: give each its own.',
  },
  BAD_NAME: {
    meaning: 'A name is empty, too long, reserved or has forbidden characters.',
    remedy: 'Use 1 to 100 of A-Z a-z 0-9 . _ - and none of the reserved names.',
  },
  NAME_MISSING: {
    meaning: 'A node writes an internal topic and its author gave it no name.',
    remedy: 'Pass it a `name`: a counted one would change when an operator is inserted before it.',
  },
  SERDE_MISSING: {
    meaning: 'A node writes or keeps data and no serde for it is known.',
    remedy: 'Pass `{ key, value }` serdes to the node, or to the mapper before it.',
  },
  NOT_COPARTITIONED: {
    meaning: 'Inputs of one task have different partition counts or partitioners.',
    remedy: 'Repartition one of them, or create the topics with equal counts.',
  },
  BAD_WINDOW: {
    meaning: 'A window definition cannot be used.',
    remedy: 'The message names the field; sizes are positive, `0 < every <= size`.',
  },
  BAD_EMIT: {
    meaning: 'An emission policy does not fit its operator.',
    remedy: '`onClose()` needs a window; the message says what fits.',
  },
  SUPPRESS_FULL: {
    meaning:
      'More keys than `maxKeys` would wait in a `suppress` that must not send any off early.',
    remedy: "Raise `maxKeys`, wait for a shorter time, or let `whenFull: 'emit-oldest'` make room.",
  },
  TABLE_NOT_VISIBLE: {
    meaning: 'A join looks up a table whose rows are removed as soon as they become visible.',
    remedy: 'Give the `onClose` aggregation a `retention`.',
  },
  NOT_VERSIONED: {
    meaning: 'A join waits for late rows of a table that keeps no versions, or cannot keep them.',
    remedy: 'Declare the table `versioned`, or leave `grace` out.',
  },
  EMPTY_TOPOLOGY: {
    meaning: 'The topology has no source.',
    remedy: 'Begin with `builder.stream(topic, ...)` or `builder.table(topic, ...)`.',
  },
  STORE_MISSING: {
    meaning: 'A store or repartition topic of the running application is gone or renamed.',
    remedy: `Give it its old name back, or ${reset}.`,
  },
  STORE_MOVED: {
    meaning: 'A store belongs to another sub-topology than before, hence to other tasks.',
    remedy: 'Undo the change, or give the store a new name: it then starts empty.',
  },
  FORMAT_CHANGED: {
    meaning: 'The kind or the key or value format of a store has changed.',
    remedy: 'Use the old format, or a new store name.',
  },
  FORMAT_NEWER: {
    meaning: 'The state was written by a newer version of the library.',
    remedy: 'Run the newer version; nothing was touched.',
  },
  WINDOW_CHANGED: {
    meaning: 'The window of an operator has changed.',
    remedy: 'Rename the operator: its rows do not fit the new windows.',
  },
  PARTITIONING_CHANGED: {
    meaning: 'A partition count or declared partitioner has changed.',
    remedy: `Keys would be looked for in other tasks: restore the count, or ${reset}.`,
  },
  CHANGELOG_MOVED: {
    meaning: '`changelog: source` was turned on or off.',
    remedy: 'Turn it back, or use a new name.',
  },
  DESERIALIZATION: {
    meaning: 'Bytes could not be turned into a key or value.',
    remedy: 'Fix the producer, or set a dead-letter topic or an error policy.',
  },
  SERIALIZATION: {
    meaning: 'A key or value could not be turned into bytes.',
    remedy: 'Write a value that the serde takes.',
  },
  LOSSY_SERDE: {
    meaning: 'A value does not come back from its bytes as it was; the test driver looks for it.',
    remedy: 'Write data that the serde can carry, or use another serde.',
  },
  SCHEMA_VIOLATION: {
    meaning: 'A value does not fit its schema.',
    remedy: 'Fix the producer, or set a dead-letter topic or an error policy.',
  },
  ASYNC_SCHEMA: {
    meaning: 'A schema answered with a promise; records are processed synchronously.',
    remedy: 'Use no asynchronous checks. With zod, see whether a refinement or transform throws.',
  },
  INVALID_TIMESTAMP: {
    meaning: 'A record has no usable timestamp and the policy is `fail`.',
    remedy: "Fix the producer, or choose `onInvalidTimestamp: 'drop'`.",
  },
  PROCESSING: {
    meaning: 'A callback of the topology threw.',
    remedy: 'The cause is the original error; mend the callback or set an error policy.',
  },
  UNDEFINED_VALUE: {
    meaning: 'A callback returned undefined where a value is due.',
    remedy: 'Return a value, or null for a tombstone.',
  },
  OVERFLOW: {
    meaning: 'A count or sum would leave the safe integers.',
    remedy: 'Aggregate with bigint.',
  },
  BAD_NUMBER: {
    meaning: 'A ready aggregator was given NaN, an infinity or what is no number.',
    remedy: 'Mend the selector, or filter such records out before the aggregation.',
  },
  CALL_TIMED_OUT: {
    meaning: 'A call of `mapAsync` did not end within its time-out, at the last attempt.',
    remedy: 'Raise `timeout` or `retries`, or mend what it calls.',
  },
  CALLS_IN_FLIGHT: {
    meaning: 'The test driver was to commit while calls of `mapAsync` had not ended.',
    remedy: '`await driver.settled()` first.',
  },
  KEY_CHANGED: {
    meaning: 'A processor of `processValues` forwarded where no record gives the key.',
    remedy: 'Forward from `process` or from a timer with a key, or use `process`.',
  },
  NULL_AGGREGATE: {
    meaning: 'A callback of a sliding or session window returned null as an aggregate.',
    remedy: 'Return a value that means "nothing": aggregates of such windows are combined.',
  },
  BAD_SCORE: {
    meaning: 'A score of `topN` is neither a finite number nor a bigint.',
    remedy: 'Return a finite number or a bigint from `by`, or filter such records out before.',
  },
  TIMER_LOOP: {
    meaning: 'More than a million timers were set and due within one step.',
    remedy: 'A callback sets timers that are due at once; let them lie in the future.',
  },
  ERROR_RATE: {
    meaning: 'More than half of the last 1000 records of a partition were in error.',
    remedy: "A wrong serde, or a sink's table that was changed? Mend it, or set `breaker: 'off'`.",
  },
  RECORD_TOO_LARGE: {
    meaning: 'A record is larger than the log takes.',
    remedy: 'Write less per record, or raise `max.message.bytes` of the topic.',
  },
  TOPIC_MISSING: {
    meaning: 'A topic does not exist.',
    remedy: 'Create it, or correct the name.',
  },
  TOPIC_MISMATCH: {
    meaning: 'An internal topic exists with another partition count or clean-up policy.',
    remedy: `Delete it if it is a leftover, or ${reset}.`,
  },
  UNKNOWN_STORE: {
    meaning: 'A processor asked for a store that its node does not declare.',
    remedy: 'List the store in the `stores` of the node.',
  },
  STORE_LOCKED: {
    meaning: 'Another process or task holds the state directory.',
    remedy: 'Stop the other process, or use another `stateDir`.',
  },
  STORE_IO: {
    meaning: 'The state directory could not be read or written.',
    remedy:
      'See the cause: rights, space, a failing disk. The state is rebuilt from its changelog.',
  },
  STORE_DAMAGED: {
    meaning: 'A row or file of the local state is not what was written.',
    remedy: 'None: the state is rebuilt from its changelog.',
  },
  STORE_CLOSED: {
    meaning: 'A store was used outside the callbacks of its task.',
    remedy: 'Use stores only while a record or timer is processed.',
  },
  LOG_CLOSED: {
    meaning: 'The log was closed while it was in use.',
    remedy: 'Close workers before the log.',
  },
  LOG_IO: {
    meaning: 'The directory of the embedded log could not be read or written.',
    remedy: 'See the cause: rights, space, a failing disk, another process.',
  },
  CORRUPT_BATCH: {
    meaning: 'A record batch cannot be decoded or its checksum is wrong.',
    remedy: 'The log is damaged at that offset; restore it from a replica.',
  },
  UNSUPPORTED_CODEC: {
    meaning: 'A record batch is compressed in a way that cannot be read.',
    remedy: 'Write the topic uncompressed, or with a codec that the message does not name.',
  },
  OFFSET_OUT_OF_RANGE: {
    meaning: 'A position lies before the start or behind the end of a partition.',
    remedy: `Records were deleted or the topic was made anew: ${reset}.`,
  },
  OFFSET_TOO_LARGE: {
    meaning: 'An offset is above 2^53 - 1.',
    remedy: 'Such a partition cannot be read exactly; write to a new topic.',
  },
  PRODUCER_FENCED: {
    meaning: 'A newer producer has the same transactional id.',
    remedy: 'Another worker took over; this one closes its tasks.',
  },
  STALE_GENERATION: {
    meaning: 'The group has moved on without this member.',
    remedy: 'The worker rejoins; what it had not committed is undone.',
  },
  UNKNOWN_MEMBER: {
    meaning: 'The group does not know this member any more.',
    remedy: 'The worker rejoins; what it had not committed is undone.',
  },
  INSTANCE_FENCED: {
    meaning: 'Another member joined the group with the same instance id.',
    remedy: 'Give each worker its own `instanceId`; this one stops.',
  },
  TRANSACTION_STATE: {
    meaning: 'A transaction is not in the state that the request needs.',
    remedy: 'The producer is made anew; what was not committed is undone.',
  },
  OUT_OF_ORDER_SEQUENCE: {
    meaning: 'A produce request does not follow the one before it.',
    remedy: 'The producer is made anew; what was not committed is undone.',
  },
  REQUEST_TIMED_OUT: {
    meaning: 'A request to the log was not answered in time; its outcome is unknown.',
    remedy: 'The outcome is decided by making the producer anew and reading back.',
  },
  CORRUPT_ANSWER: {
    meaning: 'The answer of a broker cannot be read.',
    remedy: 'Check that the address is that of a Kafka broker and its Kafka port.',
  },
  BROKER_UNREACHABLE: {
    meaning: 'No connection to a broker could be made, or it was closed before anything was sent.',
    remedy: 'The message names the address and the cause: host, port, firewall, TLS or SASL.',
  },
  BROKER_TOO_OLD: {
    meaning: 'A broker does not know a request that is needed.',
    remedy: 'Use Kafka 3.1 or later.',
  },
  BROKER_NOT_READY: {
    meaning: 'A leader or coordinator is moving, loading or busy.',
    remedy: 'None: the request is repeated. If it lasts, look at the health of the cluster.',
  },
  BROKER_ERROR: {
    meaning: 'A broker refused a request with an error that has no rule of its own.',
    remedy: 'The message has the number and name of the error in the protocol of Kafka.',
  },
  AUTHENTICATION_FAILED: {
    meaning: 'The broker refused user name, password, token or certificate.',
    remedy: 'Correct `sasl` or `ssl` in the options of the log.',
  },
  NOT_AUTHORIZED: {
    meaning:
      'The user of this client lacks a right on a topic, group, transactional id or cluster.',
    remedy: 'Grant it; the message names the resource and the right.',
  },
  TIMESTAMP_REFUSED: {
    meaning: 'The broker refused a record for its timestamp.',
    remedy:
      'Raise `message.timestamp.after.max.ms` or `before.max.ms` of the topic, or mend the time.',
  },
  INJECTED_FAULT: {
    meaning: 'The embedded log was told to fail this request.',
    remedy: 'None: faults are asked for by tests.',
  },
  CHANGELOG_LOST: {
    meaning: 'A changelog ends before what was committed to it.',
    remedy: `The topic was deleted, made anew or lost its end: ${reset}.`,
  },
  TOPIC_NOT_COMPACTED: {
    meaning: "The topic of a table with `changelog: 'source'` is not compacted only.",
    remedy: "Set its `cleanup.policy` to `compact`, or leave out `changelog: 'source'`.",
  },
  OFFSETS_LOST: {
    meaning: 'State exists for a task whose progress is gone.',
    remedy: `Starting would count again or skip: ${reset}.`,
  },
  GROUP_NOT_EMPTY: {
    meaning: 'What is asked for may only be done while no worker of the application runs.',
    remedy: 'Stop all its workers; one that was killed counts until its session time-out.',
  },
  PACKAGE_MISSING: {
    meaning: 'An optional package that is needed for what was asked for is not installed.',
    remedy: 'Install it: the message has the command.',
  },
  SINK_UNAVAILABLE: {
    meaning: 'The system behind a sink did not answer, or not in time.',
    remedy: 'None: the same batch is sent until it is answered. See that the system is there.',
  },
  SINK_DENIED: {
    meaning: 'The system behind a sink refused user name, password or a right.',
    remedy: 'Correct the credentials of the sink, or grant the right that the message names.',
  },
  SINK_SCHEMA: {
    meaning: 'The table of a sink is missing, or its columns are not those of the rows.',
    remedy: 'Change the table or the columns of the sink; the message names what differs.',
  },
  SINK_HORIZON: {
    meaning: 'The system behind a sink forgets batches sooner than a late attempt may come.',
    remedy: 'Raise the setting that the message names to the number that it states.',
  },
  SINK_DURABILITY: {
    meaning: 'The system behind a sink may lose what it has acknowledged.',
    remedy: 'Change the setting that the message names.',
  },
  SINK_ROW_REFUSED: {
    meaning: 'The system behind a sink refuses a row for its content.',
    remedy: 'Name a dead-letter topic, mend the row before it is written, or change the table.',
  },
  SINK_FENCED: {
    meaning: 'Another worker delivers the rows of this outbox partition now.',
    remedy: 'None: this worker goes back to its last commit.',
  },
  SINK_ROLLED_BACK: {
    meaning: 'The system behind a sink has less than what it has acknowledged before.',
    remedy:
      'It was restored from a backup, or its progress was deleted: restore its last state, or ' +
      '`millrace reset` the application and empty the table.',
  },
  SINK_PLAN_MISMATCH: {
    meaning: 'The rows of a committed batch are not the same when they are read again.',
    remedy: 'The outbox topic was changed from outside, or is damaged: restore it.',
  },
  SINK_OUTBOX_LOST: {
    meaning:
      'The outbox of a sink is another topic than was delivered from, or lacks what is still to be ' +
      'delivered, or its progress is gone.',
    remedy: `The topic was deleted or made anew: ${reset}.`,
  },
  GEO_DATABASE: {
    meaning: 'A database of places cannot be read, or is damaged.',
    remedy: 'Give the path of a whole, unpacked MMDB file; the message says what is wrong.',
  },
  HTTP_UNAVAILABLE: {
    meaning: 'The address for metrics and health cannot be listened on.',
    remedy: 'Choose another port with `--http` or the option `http`, or stop who listens there.',
  },
  SCHEMA_UNKNOWN: {
    meaning: 'The schema registry has no schema that can be used under an id, or for a subject.',
    remedy:
      'Find who wrote the record, and with which registry; register the schema, or pass ' +
      '`register: true`.',
  },
  REGISTRY_UNAVAILABLE: {
    meaning: 'The schema registry does not answer, or refuses to.',
    remedy: 'Mend what the message tells; the worker then goes on where it stopped.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof errorCodes;
