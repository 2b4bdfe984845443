/** Kafka's requests by their numbers; those at which a fault can be aimed by name. */
const numbered = [
  [0, 'Produce'],
  [1, 'Fetch'],
  [2, 'ListOffsets'],
  [3, 'Metadata'],
  [8, 'OffsetCommit'],
  [9, 'OffsetFetch'],
  [10, 'FindCoordinator'],
  [11, 'JoinGroup'],
  [12, 'Heartbeat'],
  [13, 'LeaveGroup'],
  [14, 'SyncGroup'],
  [18, 'ApiVersions'],
  [19, 'CreateTopics'],
  [21, 'DeleteRecords'],
  [22, 'InitProducerId'],
  [24, 'AddPartitionsToTxn'],
  [25, 'AddOffsetsToTxn'],
  [26, 'EndTxn'],
  [28, 'TxnOffsetCommit'],
  [32, 'DescribeConfigs'],
] as const;

export type ApiName = (typeof numbered)[number][1];

export const apiNames: ReadonlyMap<number, ApiName> = new Map(numbered);
