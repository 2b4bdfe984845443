import type { Api } from '../api.ts';
import { array, type Carried, int16, int32, int64, string, struct } from '../codec.ts';

const request = struct({
  topics: array(
    struct({ topic: string, partitions: array(struct({ partition: int32, offset: int64 })) }),
  ),
  timeoutMs: int32,
});
const answer = struct({
  throttleMs: int32,
  topics: array(
    struct({
      topic: string,
      partitions: array(struct({ partition: int32, lowWatermark: int64, errorCode: int16 })),
    }),
  ),
});

export const deleteRecords: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 21,
  version: 1,
  name: 'DeleteRecords',
  isFlexible: false,
  request,
  answer,
};
