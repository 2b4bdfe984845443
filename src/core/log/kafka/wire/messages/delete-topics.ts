import type { Api } from '../api.ts';
import { array, type Carried, int16, int32, string, struct } from '../codec.ts';

const request = struct({ topics: array(string), timeoutMs: int32 });
const answer = struct({
  throttleMs: int32,
  topics: array(struct({ topic: string, errorCode: int16 })),
});

export const deleteTopics: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 20,
  version: 3,
  name: 'DeleteTopics',
  isFlexible: false,
  request,
  answer,
};
