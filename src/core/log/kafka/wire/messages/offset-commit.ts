import type { Api } from '../api.ts';
import {
  array,
  type Carried,
  int16,
  int32,
  int64,
  nullableString,
  string,
  struct,
} from '../codec.ts';

const request = struct({
  group: string,
  generation: int32,
  memberId: string,
  instanceId: nullableString,
  topics: array(
    struct({
      topic: string,
      partitions: array(
        struct({ partition: int32, offset: int64, leaderEpoch: int32, metadata: nullableString }),
      ),
    }),
  ),
});
const answer = struct({
  throttleMs: int32,
  topics: array(
    struct({ topic: string, partitions: array(struct({ partition: int32, errorCode: int16 })) }),
  ),
});

export const offsetCommit: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 8,
  version: 7,
  name: 'OffsetCommit',
  isFlexible: false,
  request,
  answer,
};
