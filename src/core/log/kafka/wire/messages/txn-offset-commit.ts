import type { Api } from '../api.ts';
import {
  type Carried,
  compactArray,
  compactNullableString,
  compactString,
  flexible,
  int16,
  int32,
  int64,
} from '../codec.ts';
import { partitionErrors } from '../partition-errors.ts';

const request = flexible({
  transactionalId: compactString,
  group: compactString,
  producerId: int64,
  producerEpoch: int16,
  generation: int32,
  memberId: compactString,
  instanceId: compactNullableString,
  topics: compactArray(
    flexible({
      topic: compactString,
      partitions: compactArray(
        flexible({
          partition: int32,
          offset: int64,
          leaderEpoch: int32,
          metadata: compactNullableString,
        }),
      ),
    }),
  ),
});

/** The first version that carries generation and member id, by which zombies are refused. */
export const txnOffsetCommit: Api<Carried<typeof request>, Carried<typeof partitionErrors>> = {
  key: 28,
  version: 3,
  name: 'TxnOffsetCommit',
  isFlexible: true,
  request,
  answer: partitionErrors,
};
