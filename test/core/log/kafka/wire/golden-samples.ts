import { readFileSync } from 'node:fs';
import { apis } from './apis.ts';

/** A request that was sent to a broker, and what it answered. */
export interface GoldenSample {
  readonly api: string;
  readonly broker: string;
  readonly request: Buffer;
  readonly answer: Buffer;
  /** The answer, by a codec that was made from Kafka's own definitions. */
  readonly decoded: unknown;
}

type StoredSample = Record<'api' | 'broker' | 'request' | 'answer', string> & {
  readonly decoded: unknown;
};

const file = new URL('./golden.json', import.meta.url);
const stored = JSON.parse(readFileSync(file, 'utf8')) as readonly StoredSample[]; // written as such

/** Bodies alone: headers of flexible requests and answers end with their tagged fields, none. */
export const goldenSamples: readonly GoldenSample[] = stored.map((sample) => {
  const body = (hex: string): Buffer => {
    const bytes = Buffer.from(hex, 'hex');
    return apis[sample.api]?.isFlexible === true ? bytes.subarray(1) : bytes;
  };
  return { ...sample, request: body(sample.request), answer: body(sample.answer) };
});
