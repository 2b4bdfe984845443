import type { Api } from '../api.ts';
import {
  array,
  boolean,
  type Carried,
  int16,
  int32,
  nullableString,
  string,
  struct,
} from '../codec.ts';

const request = struct({
  topics: array(
    struct({
      topic: string,
      partitions: int32,
      replicationFactor: int16,
      assignments: array(struct({ partition: int32, replicas: array(int32) })),
      settings: array(struct({ name: string, value: nullableString })),
    }),
  ),
  timeoutMs: int32,
  validatesOnly: boolean,
});
const answer = struct({
  throttleMs: int32,
  topics: array(struct({ topic: string, errorCode: int16, message: nullableString })),
});

/** Partitions and replication factor -1 take the broker's defaults. */
export const createTopics: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 19,
  version: 3,
  name: 'CreateTopics',
  isFlexible: false,
  request,
  answer,
};
