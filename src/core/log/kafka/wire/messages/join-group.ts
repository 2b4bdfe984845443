import type { Api } from '../api.ts';
import {
  array,
  bytes,
  type Carried,
  int16,
  int32,
  nullableString,
  string,
  struct,
} from '../codec.ts';

const request = struct({
  group: string,
  sessionTimeoutMs: int32,
  rebalanceTimeoutMs: int32,
  memberId: string,
  instanceId: nullableString,
  protocolType: string,
  protocols: array(struct({ name: string, metadata: bytes })),
});
const answer = struct({
  throttleMs: int32,
  errorCode: int16,
  generation: int32,
  protocol: string,
  leader: string,
  memberId: string,
  members: array(struct({ memberId: string, instanceId: nullableString, metadata: bytes })),
});

export const joinGroup: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 11,
  version: 5,
  name: 'JoinGroup',
  isFlexible: false,
  request,
  answer,
};
