import type { Api } from '../../../../../src/core/log/kafka/wire/api.ts';
import { addOffsetsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-partitions-to-txn.ts';
import { createTopics } from '../../../../../src/core/log/kafka/wire/messages/create-topics.ts';
import { deleteRecords } from '../../../../../src/core/log/kafka/wire/messages/delete-records.ts';
import { describeConfigs } from '../../../../../src/core/log/kafka/wire/messages/describe-configs.ts';
import { endTxn } from '../../../../../src/core/log/kafka/wire/messages/end-txn.ts';
import { fetch } from '../../../../../src/core/log/kafka/wire/messages/fetch.ts';
import { findCoordinator } from '../../../../../src/core/log/kafka/wire/messages/find-coordinator.ts';
import { heartbeat } from '../../../../../src/core/log/kafka/wire/messages/heartbeat.ts';
import { initProducerId } from '../../../../../src/core/log/kafka/wire/messages/init-producer-id.ts';
import { joinGroup } from '../../../../../src/core/log/kafka/wire/messages/join-group.ts';
import { leaveGroup } from '../../../../../src/core/log/kafka/wire/messages/leave-group.ts';
import { listOffsets } from '../../../../../src/core/log/kafka/wire/messages/list-offsets.ts';
import { metadata } from '../../../../../src/core/log/kafka/wire/messages/metadata.ts';
import { offsetCommit } from '../../../../../src/core/log/kafka/wire/messages/offset-commit.ts';
import { offsetFetch } from '../../../../../src/core/log/kafka/wire/messages/offset-fetch.ts';
import { produce } from '../../../../../src/core/log/kafka/wire/messages/produce.ts';
import { syncGroup } from '../../../../../src/core/log/kafka/wire/messages/sync-group.ts';
import { txnOffsetCommit } from '../../../../../src/core/log/kafka/wire/messages/txn-offset-commit.ts';

const all: readonly Api<unknown, unknown>[] = [
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  createTopics,
  deleteRecords,
  initProducerId,
  addPartitionsToTxn,
  addOffsetsToTxn,
  endTxn,
  txnOffsetCommit,
  describeConfigs,
];

/** Every request that is sent to brokers, by its name. */
export const apis: Readonly<Record<string, Api<unknown, unknown>>> = Object.fromEntries(
  all.map((api) => [api.name, api]),
);
