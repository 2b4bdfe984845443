import { expect, it } from 'vitest';
import { encodeRequest } from '../../../../../src/core/log/kafka/wire/api.ts';
import { addOffsetsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../../../../src/core/log/kafka/wire/messages/add-partitions-to-txn.ts';
import { endTxn } from '../../../../../src/core/log/kafka/wire/messages/end-txn.ts';
import { initProducerId } from '../../../../../src/core/log/kafka/wire/messages/init-producer-id.ts';
import { offsetFetch } from '../../../../../src/core/log/kafka/wire/messages/offset-fetch.ts';
import { txnOffsetCommit } from '../../../../../src/core/log/kafka/wire/messages/txn-offset-commit.ts';

const producer = { transactionalId: 'app-0', producerId: 4000, producerEpoch: 7 };
const hex = (bytes: Buffer) => bytes.toString('hex');

// Bytes of another encoder, which was made from Kafka's own message definitions.

it('InitProducerId is written as Kafka defines it', () => {
  const request = { ...producer, timeoutMs: 10_000, producerId: -1, producerEpoch: -1 };
  expect(hex(encodeRequest(initProducerId, request))).toBe(
    '066170702d3000002710ffffffffffffffffffff00',
  );
});

it('AddPartitionsToTxn is written as Kafka defines it', () => {
  const request = { ...producer, topics: [{ topic: 'out', partitions: [0, 1] }] };
  expect(hex(encodeRequest(addPartitionsToTxn, request))).toBe(
    '066170702d300000000000000fa0000702046f75740300000000000000010000',
  );
});

it('AddOffsetsToTxn is written as Kafka defines it', () => {
  expect(hex(encodeRequest(addOffsetsToTxn, { ...producer, group: 'app' }))).toBe(
    '066170702d300000000000000fa000070461707000',
  );
});

it('TxnOffsetCommit is written as Kafka defines it', () => {
  const partition = { partition: 2, offset: 100, leaderEpoch: -1, metadata: 'x' };
  const request = {
    ...producer,
    group: 'app',
    generation: 12,
    memberId: 'm-1',
    instanceId: null,
    topics: [{ topic: 'in', partitions: [partition] }],
  };
  expect(hex(encodeRequest(txnOffsetCommit, request))).toBe(
    '066170702d30046170700000000000000fa000070000000c046d2d31000203696e0200000002' +
      '0000000000000064ffffffff0278000000',
  );
});

it('EndTxn is written as Kafka defines it', () => {
  expect(hex(encodeRequest(endTxn, { ...producer, commits: true }))).toBe(
    '066170702d300000000000000fa000070100',
  );
});

it('OffsetFetch is written as Kafka defines it', () => {
  const request = {
    group: 'app',
    topics: [{ topic: 'in', partitions: [0, 2] }],
    requireStable: true,
  };
  expect(hex(encodeRequest(offsetFetch, request))).toBe('046170700203696e030000000000000002000100');
});
