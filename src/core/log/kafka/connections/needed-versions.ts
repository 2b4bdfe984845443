import { LogError } from '../../../model/errors.ts';
import { addOffsetsToTxn } from '../wire/messages/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../wire/messages/add-partitions-to-txn.ts';
import { createTopics } from '../wire/messages/create-topics.ts';
import { deleteRecords } from '../wire/messages/delete-records.ts';
import { deleteGroups } from '../wire/messages/delete-groups.ts';
import { deleteTopics } from '../wire/messages/delete-topics.ts';
import { describeConfigs } from '../wire/messages/describe-configs.ts';
import { describeGroups } from '../wire/messages/describe-groups.ts';
import { endTxn } from '../wire/messages/end-txn.ts';
import { fetch } from '../wire/messages/fetch.ts';
import { findCoordinator } from '../wire/messages/find-coordinator.ts';
import { heartbeat } from '../wire/messages/heartbeat.ts';
import { initProducerId } from '../wire/messages/init-producer-id.ts';
import { joinGroup } from '../wire/messages/join-group.ts';
import { leaveGroup } from '../wire/messages/leave-group.ts';
import { listOffsets } from '../wire/messages/list-offsets.ts';
import { listTopics } from '../wire/messages/list-topics.ts';
import { metadata } from '../wire/messages/metadata.ts';
import { offsetCommit } from '../wire/messages/offset-commit.ts';
import { offsetFetch } from '../wire/messages/offset-fetch.ts';
import { produce } from '../wire/messages/produce.ts';
import { syncGroup } from '../wire/messages/sync-group.ts';
import { txnOffsetCommit } from '../wire/messages/txn-offset-commit.ts';
import type { VersionRanges } from './kafkajs-dial.ts';

interface NeededApi {
  readonly key: number;
  readonly version: number;
  readonly name: string;
}

/** Checked on each connect: an old broker shows at the start and not at the first commit. */
const neededApis: readonly NeededApi[] = [
  ...[metadata, findCoordinator, describeConfigs, createTopics, deleteRecords],
  ...[deleteTopics, deleteGroups, describeGroups, listTopics],
  ...[fetch, listOffsets, offsetFetch, offsetCommit],
  ...[joinGroup, syncGroup, heartbeat, leaveGroup],
  ...[initProducerId, produce, addPartitionsToTxn, addOffsetsToTxn, txnOffsetCommit, endTxn],
];

/** @throws {LogError} `BROKER_TOO_OLD`. */
export function requireVersions(broker: string, versions: VersionRanges): void {
  for (const api of neededApis) requireVersion(broker, versions, api);
}

/** @throws {LogError} `BROKER_TOO_OLD`. */
export function requireVersion(broker: string, versions: VersionRanges, api: NeededApi): void {
  const range = versions[api.key];
  if (range === undefined || range.maxVersion < api.version) {
    const has = range === undefined ? 'none' : `only versions up to ${range.maxVersion}`;
    throw new LogError(
      'fatal',
      'BROKER_TOO_OLD',
      `Broker ${broker} is too old: ${api.name} is needed in version ${api.version} and the broker has ${has}. Use Kafka 3.1 or later.`,
    );
  }
  if (range.minVersion <= api.version) return;
  throw new LogError(
    'fatal',
    'BROKER_TOO_OLD',
    `Broker ${broker} has dropped ${api.name} version ${api.version} (it starts at ${range.minVersion}): use a later release of this library.`,
  );
}
