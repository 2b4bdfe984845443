import { andThen, type MaybePromise } from '../../model/maybe-promise.ts';
import { LogError } from '../../model/errors.ts';
import type { CommittedOffsets } from './committed-offsets.ts';
import type { LogStorage } from './log-storage.ts';
import type { PartitionLog } from './partition-log.ts';
import {
  formatRow,
  headerRows,
  nextProducerIdRow,
  nextTopicIdRow,
  offsetPlaceOf,
  partitionRow,
  rowPrefix,
  transactionalIdOf,
} from './row-keys.ts';
import type { TopicCatalogue, TopicRow } from './topic-catalogue.ts';
import type { Transactions } from './transactions.ts';

const logFormat = '1';

export interface ReloadedParts {
  readonly topics: TopicCatalogue;
  readonly transactions: Transactions;
  readonly committed: CommittedOffsets;
  readonly nowMs: number;
}

/** Reads the rows of an earlier life and aborts the transactions it left open. */
export function reloadLog(storage: LogStorage, parts: ReloadedParts): MaybePromise<void> {
  const { topics, transactions, committed } = parts;
  const steps: (() => MaybePromise<void>)[] = [
    () => checkFormat(storage),
    () =>
      storage.visitRows(rowPrefix.topic, (_key, value) => {
        topics.reload(JSON.parse(value.toString()) as TopicRow); // written by the catalogue
      }),
    () =>
      storage.visitRows(nextTopicIdRow, (_key, value) => {
        topics.reloadNextId(Number(value.toString()));
      }),
    () =>
      storage.visitRows(nextProducerIdRow, (_key, value) => {
        transactions.reloadNextProducerId(Number(value.toString()));
      }),
    () =>
      storage.visitRows(rowPrefix.producer, (key, value) => {
        transactions.reload(transactionalIdOf(key), value.toString());
      }),
    () =>
      storage.visitRows(rowPrefix.offset, (key, value) => {
        const { group, topic, partition } = offsetPlaceOf(key);
        committed.reload(group, { topic, partition }, value.toString());
      }),
    () => reloadPartitions(storage, topics, parts.nowMs),
    () => storage.flush(),
  ];
  return inOrder(steps);
}

function checkFormat(storage: LogStorage): MaybePromise<void> {
  let found: string | null = null;
  const visited = storage.visitRows(formatRow, (_key, value) => (found = value.toString()));
  return andThen(visited, () => {
    if (found === null) storage.putRow(formatRow, logFormat);
    else if (found !== logFormat) throw newerFormat(found);
  });
}

function newerFormat(found: string): LogError {
  return new LogError(
    'fatal',
    'FORMAT_NEWER',
    `The directory of the log has format ${found}; this version reads ${logFormat}. ` +
      'Run the newer version; nothing was touched.',
  );
}

function reloadPartitions(
  storage: LogStorage,
  topics: TopicCatalogue,
  nowMs: number,
): MaybePromise<void> {
  const partitions = [...topics.all()].flatMap((topic) => topic.partitions);
  return inOrder(partitions.map((partition) => () => reloadPartition(storage, partition, nowMs)));
}

function reloadPartition(
  storage: LogStorage,
  partition: PartitionLog,
  nowMs: number,
): MaybePromise<void> {
  const steps: (() => MaybePromise<void>)[] = [
    () => storage.visitRows(headerRows(partition.place), (_key, value) => partition.reload(value)),
    () =>
      storage.visitRows(partitionRow(partition.place), (_key, value) => {
        const bounds = JSON.parse(value.toString()) as { start: number; end: number }; // own row
        partition.reloadBounds(bounds.start, bounds.end);
      }),
    () => {
      // Who had these open died with the process.
      for (const { producerId, producerEpoch } of partition.openProducers()) {
        partition.appendMarker('abort', { producerId, producerEpoch, timestamp: nowMs });
      }
    },
  ];
  return inOrder(steps);
}

function inOrder(steps: readonly (() => MaybePromise<void>)[]): MaybePromise<void> {
  let done: MaybePromise<void> = undefined;
  for (const step of steps) done = andThen(done, step);
  return done;
}
