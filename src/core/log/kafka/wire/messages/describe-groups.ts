import type { Api } from '../api.ts';
import {
  array,
  boolean,
  bytes,
  type Carried,
  int16,
  int32,
  nullableString,
  string,
  struct,
} from '../codec.ts';

const request = struct({ groups: array(string), includesOperations: boolean });
const member = struct({
  memberId: string,
  instanceId: nullableString,
  clientId: string,
  clientHost: string,
  metadata: bytes,
  assignment: bytes,
});
const answer = struct({
  throttleMs: int32,
  groups: array(
    struct({
      errorCode: int16,
      group: string,
      state: string,
      protocolType: string,
      protocol: string,
      members: array(member),
      operations: int32,
    }),
  ),
});

export const describeGroups: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 15,
  version: 4,
  name: 'DescribeGroups',
  isFlexible: false,
  request,
  answer,
};
