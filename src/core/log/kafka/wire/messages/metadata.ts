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
  uuid,
} from '../codec.ts';

const request = flexible({
  topics: compactArray(flexible({ topicId: uuid, name: compactNullableString })),
  allowsCreation: boolean,
  includesTopicOperations: boolean,
});
const partition = flexible({
  errorCode: int16,
  partition: int32,
  leader: int32,
  leaderEpoch: int32,
  replicas: compactArray(int32),
  inSync: compactArray(int32),
  offline: compactArray(int32),
});
const answer = flexible({
  throttleMs: int32,
  brokers: compactArray(
    flexible({ nodeId: int32, host: compactString, port: int32, rack: compactNullableString }),
  ),
  clusterId: compactNullableString,
  controllerId: int32,
  topics: compactArray(
    flexible({
      errorCode: int16,
      name: compactNullableString,
      topicId: uuid,
      isInternal: boolean,
      partitions: compactArray(partition),
      operations: int32,
    }),
  ),
});

/** An empty list of topics asks for the brokers alone. */
export const metadata: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 3,
  version: 12,
  name: 'Metadata',
  isFlexible: true,
  request,
  answer,
};

/** In place of a topic id where the name is given, or where the broker knows none. */
export const noTopicId = '0'.repeat(32);
