import type { Api } from '../api.ts';
import { array, type Carried, int16, int32, int64, int8, string, struct } from '../codec.ts';

const request = struct({
  replicaId: int32,
  isolation: int8,
  topics: array(
    struct({ topic: string, partitions: array(struct({ partition: int32, timestamp: int64 })) }),
  ),
});
const answer = struct({
  throttleMs: int32,
  topics: array(
    struct({
      topic: string,
      partitions: array(
        struct({ partition: int32, errorCode: int16, timestamp: int64, offset: int64 }),
      ),
    }),
  ),
});

/** In place of a timestamp. */
export const offsetSpecs = { latest: -1, earliest: -2 } as const;

export const listOffsets: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 2,
  version: 3,
  name: 'ListOffsets',
  isFlexible: false,
  request,
  answer,
};
