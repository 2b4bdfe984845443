import type { Api } from '../api.ts';
import { type Carried, int16, int32, int8, nullableString, string, struct } from '../codec.ts';

const request = struct({ key: string, type: int8 });
const answer = struct({
  throttleMs: int32,
  errorCode: int16,
  message: nullableString,
  nodeId: int32,
  host: string,
  port: int32,
});

export const coordinatorTypes = { group: 0, transaction: 1 } as const;

export const findCoordinator: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 10,
  version: 2,
  name: 'FindCoordinator',
  isFlexible: false,
  request,
  answer,
};
