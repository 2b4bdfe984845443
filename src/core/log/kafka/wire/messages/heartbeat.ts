import type { Api } from '../api.ts';
import { type Carried, int16, int32, nullableString, string, struct } from '../codec.ts';

const request = struct({
  group: string,
  generation: int32,
  memberId: string,
  instanceId: nullableString,
});
const answer = struct({ throttleMs: int32, errorCode: int16 });

export const heartbeat: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 12,
  version: 3,
  name: 'Heartbeat',
  isFlexible: false,
  request,
  answer,
};
