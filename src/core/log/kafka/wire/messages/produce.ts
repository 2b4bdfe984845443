import type { Api } from '../api.ts';
import {
  array,
  bytes,
  type Carried,
  int16,
  int32,
  int64,
  nullableString,
  string,
  struct,
} from '../codec.ts';

const request = struct({
  transactionalId: nullableString,
  acks: int16,
  timeoutMs: int32,
  topics: array(
    struct({ topic: string, partitions: array(struct({ partition: int32, records: bytes })) }),
  ),
});
const answer = struct({
  topics: array(
    struct({
      topic: string,
      partitions: array(
        struct({
          partition: int32,
          errorCode: int16,
          baseOffset: int64,
          logAppendTime: int64,
          logStartOffset: int64,
        }),
      ),
    }),
  ),
  throttleMs: int32,
});

export const produce: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 0,
  version: 7,
  name: 'Produce',
  isFlexible: false,
  request,
  answer,
};
