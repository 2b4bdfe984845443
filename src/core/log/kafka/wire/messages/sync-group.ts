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
  generation: int32,
  memberId: string,
  instanceId: nullableString,
  assignments: array(struct({ memberId: string, assignment: bytes })),
});
const answer = struct({ throttleMs: int32, errorCode: int16, assignment: bytes });

export const syncGroup: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 14,
  version: 3,
  name: 'SyncGroup',
  isFlexible: false,
  request,
  answer,
};
