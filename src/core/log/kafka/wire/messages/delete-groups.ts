import type { Api } from '../api.ts';
import { array, type Carried, int16, int32, string, struct } from '../codec.ts';

const request = struct({ groups: array(string) });
const answer = struct({
  throttleMs: int32,
  groups: array(struct({ group: string, errorCode: int16 })),
});

export const deleteGroups: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 42,
  version: 1,
  name: 'DeleteGroups',
  isFlexible: false,
  request,
  answer,
};
