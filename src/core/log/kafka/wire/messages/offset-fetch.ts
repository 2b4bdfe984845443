import type { Api } from '../api.ts';
import {
  boolean,
  type Carried,
  compactArray,
  compactNullableString,
  compactString,
  flexible,
  int16,
  int32,
  int64,
} from '../codec.ts';

const request = flexible({
  group: compactString,
  topics: compactArray(flexible({ topic: compactString, partitions: compactArray(int32) })),
  requireStable: boolean,
});
const answer = flexible({
  throttleMs: int32,
  topics: compactArray(
    flexible({
      topic: compactString,
      partitions: compactArray(
        flexible({
          partition: int32,
          offset: int64,
          leaderEpoch: int32,
          metadata: compactNullableString,
          errorCode: int16,
        }),
      ),
    }),
  ),
  errorCode: int16,
});

/** The first version with `requireStable`. */
export const offsetFetch: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 9,
  version: 7,
  name: 'OffsetFetch',
  isFlexible: true,
  request,
  answer,
};
