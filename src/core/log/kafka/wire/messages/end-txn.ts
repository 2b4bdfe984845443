import type { Api } from '../api.ts';
import { boolean, type Carried, compactString, flexible, int16, int32, int64 } from '../codec.ts';

const request = flexible({
  transactionalId: compactString,
  producerId: int64,
  producerEpoch: int16,
  commits: boolean,
});
const answer = flexible({ throttleMs: int32, errorCode: int16 });

export const endTxn: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 26,
  version: 3,
  name: 'EndTxn',
  isFlexible: true,
  request,
  answer,
};
