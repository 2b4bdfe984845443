import { expect, it } from 'vitest';
import { decodeAnswer, encodeRequest } from '../../../../../src/core/log/kafka/wire/api.ts';
import { WireReader } from '../../../../../src/core/log/kafka/wire/wire-reader.ts';
import { WireWriter } from '../../../../../src/core/log/kafka/wire/wire-writer.ts';
import { apis } from './apis.ts';
import { goldenSamples } from './golden-samples.ts';

/** Values in the order of the wire: field names are each codec's own. */
function valuesOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(valuesOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).map(valuesOf);
  if (typeof value !== 'string') return value;
  return value.startsWith('hex:') ? value.slice('hex:'.length) : value;
}

/** The other codec gives 64-bit numbers as text. */
const textOf = (value: unknown) => JSON.stringify(valuesOf(value)).replaceAll(/"(-?\d+)"/g, '$1');

const apiOf = (name: string) => {
  const api = apis[name];
  if (api === undefined) throw new Error(`${name} is not ours.`);
  return api;
};

it.each(Object.keys(apis))('there are samples of %s', (name) => {
  expect(goldenSamples.filter(({ api }) => api === name).length).toBeGreaterThan(0);
});

it.each(goldenSamples)('a request is read and written back: $api to $broker', (sample) => {
  const api = apiOf(sample.api);
  const source = new WireReader(sample.request, api.name);
  const request = api.request.read(source);
  expect(source.bytesLeft).toBe(0);
  expect(encodeRequest(api, request).toString('hex')).toBe(sample.request.toString('hex'));
});

it.each(goldenSamples)('an answer is read as it was meant: $api of $broker', (sample) => {
  const api = apiOf(sample.api);
  const source = new WireReader(sample.answer, api.name);
  const answer = api.answer.read(source);
  expect(source.bytesLeft).toBe(0);
  expect(textOf(answer)).toBe(textOf(sample.decoded));
  const target = new WireWriter();
  api.answer.write(target, answer);
  expect(decodeAnswer(api, target.finish())).toEqual(answer);
});
