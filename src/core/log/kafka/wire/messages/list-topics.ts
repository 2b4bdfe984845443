import type { Api } from '../api.ts';
import {
  array,
  boolean,
  type Carried,
  type Codec,
  int16,
  int32,
  nullableString,
  string,
  struct,
} from '../codec.ts';

/** Null asks for all topics, in the version that still says so by -1. */
const allTopics: Codec<null> = {
  write: (target) => target.int32(-1),
  read: (source) => {
    source.int32();
    return null;
  },
};
const request = struct({ topics: allTopics, allowsCreation: boolean });
const answer = struct({
  throttleMs: int32,
  brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: nullableString })),
  clusterId: nullableString,
  controllerId: int32,
  topics: array(
    struct({
      errorCode: int16,
      name: string,
      isInternal: boolean,
      partitions: array(
        struct({
          errorCode: int16,
          partition: int32,
          leader: int32,
          replicas: array(int32),
          inSync: array(int32),
          offline: array(int32),
        }),
      ),
    }),
  ),
});

/** `Metadata` in an older version: names alone are taken from it. */
export const listTopics: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 3,
  version: 6,
  name: 'Metadata',
  isFlexible: false,
  request,
  answer,
};
