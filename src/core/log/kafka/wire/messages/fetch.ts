import type { Api } from '../api.ts';
import {
  array,
  type Carried,
  int16,
  int32,
  int64,
  int8,
  nullableBytes,
  string,
  struct,
} from '../codec.ts';

const request = struct({
  replicaId: int32,
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32,
  isolation: int8,
  sessionId: int32,
  sessionEpoch: int32,
  topics: array(
    struct({
      topic: string,
      partitions: array(
        struct({
          partition: int32,
          leaderEpoch: int32,
          offset: int64,
          logStartOffset: int64,
          maxBytes: int32,
        }),
      ),
    }),
  ),
  forgotten: array(struct({ topic: string, partitions: array(int32) })),
  rack: string,
});
const partition = struct({
  partition: int32,
  errorCode: int16,
  highWatermark: int64,
  lastStableOffset: int64,
  logStartOffset: int64,
  aborted: array(struct({ producerId: int64, firstOffset: int64 })),
  preferredReplica: int32,
  records: nullableBytes,
});
const answer = struct({
  throttleMs: int32,
  errorCode: int16,
  sessionId: int32,
  topics: array(struct({ topic: string, partitions: array(partition) })),
});

export type FetchedRecords = Carried<typeof partition>;

export const fetch: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 1,
  version: 11,
  name: 'Fetch',
  isFlexible: false,
  request,
  answer,
};
