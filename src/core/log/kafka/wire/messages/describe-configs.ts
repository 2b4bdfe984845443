import type { Api } from '../api.ts';
import {
  array,
  boolean,
  type Carried,
  int16,
  int32,
  int8,
  nullableString,
  string,
  struct,
} from '../codec.ts';

const request = struct({
  resources: array(struct({ type: int8, name: string, settings: array(string) })),
  includesSynonyms: boolean,
});
const setting = struct({
  name: string,
  value: nullableString,
  isReadOnly: boolean,
  source: int8,
  isSensitive: boolean,
  synonyms: array(struct({ name: string, value: nullableString, source: int8 })),
});
const answer = struct({
  throttleMs: int32,
  resources: array(
    struct({
      errorCode: int16,
      message: nullableString,
      type: int8,
      name: string,
      settings: array(setting),
    }),
  ),
});

export const resourceTypes = { topic: 2, broker: 4 } as const;

export const describeConfigs: Api<Carried<typeof request>, Carried<typeof answer>> = {
  key: 32,
  version: 2,
  name: 'DescribeConfigs',
  isFlexible: false,
  request,
  answer,
};
