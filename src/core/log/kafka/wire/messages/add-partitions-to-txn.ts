import type { Api } from '../api.ts';
import {
  type Carried,
  compactArray,
  compactString,
  flexible,
  int16,
  int32,
  int64,
} from '../codec.ts';
import { partitionErrors } from '../partition-errors.ts';

const request = flexible({
  transactionalId: compactString,
  producerId: int64,
  producerEpoch: int16,
  topics: compactArray(flexible({ topic: compactString, partitions: compactArray(int32) })),
});

export const addPartitionsToTxn: Api<Carried<typeof request>, Carried<typeof partitionErrors>> = {
  key: 24,
  version: 3,
  name: 'AddPartitionsToTxn',
  isFlexible: true,
  request,
  answer: partitionErrors,
};
