import type { Api } from '../api.ts';
import { type Carried, compactNullableString, flexible, int16, int32, int64 } from '../codec.ts';

const request = flexible({
  transactionalId: compactNullableString,
  timeoutMs: int32,
  producerId: int64,
  producerEpoch: int16,
});
const answer = flexible({
  throttleMs: int32,
  errorCode: int16,
  producerId: int64,
  producerEpoch: int16,
});

/** Producer id and epoch -1 take over whatever the transactional id has. */
export const initProducerId: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 22,
  version: 4,
  name: 'InitProducerId',
  isFlexible: true,
  request,
  answer,
};
