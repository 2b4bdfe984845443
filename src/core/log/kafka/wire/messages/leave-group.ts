import type { Api } from '../api.ts';
import { array, type Carried, int16, int32, nullableString, string, struct } from '../codec.ts';

const request = struct({
  group: string,
  members: array(struct({ memberId: string, instanceId: nullableString })),
});
const answer = struct({
  throttleMs: int32,
  errorCode: int16,
  members: array(struct({ memberId: string, instanceId: nullableString, errorCode: int16 })),
});

export const leaveGroup: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 13,
  version: 3,
  name: 'LeaveGroup',
  isFlexible: false,
  request,
  answer,
};
