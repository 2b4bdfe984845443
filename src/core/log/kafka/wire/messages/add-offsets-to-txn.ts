import type { Api } from '../api.ts';
import { type Carried, compactString, flexible, int16, int32, int64 } from '../codec.ts';

const request = flexible({
  transactionalId: compactString,
  producerId: int64,
  producerEpoch: int16,
  group: compactString,
});
const answer = flexible({ throttleMs: int32, errorCode: int16 });

export const addOffsetsToTxn: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 25,
  version: 3,
  name: 'AddOffsetsToTxn',
  isFlexible: true,
  request,
  answer,
};
