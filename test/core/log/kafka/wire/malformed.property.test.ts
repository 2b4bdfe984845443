import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeAnswer } from '../../../../../src/core/log/kafka/wire/api.ts';
import { WireReader } from '../../../../../src/core/log/kafka/wire/wire-reader.ts';
import { LogError } from '../../../../../src/core/model/errors.ts';
import { propertyOptions } from '../../../../support/property-options.ts';
import { thrownBy } from '../../../../support/thrown.ts';
import { apis } from './apis.ts';
import { goldenSamples } from './golden-samples.ts';

const sample = fc.constantFrom(...goldenSamples);

/** The bytes are read, or an error says that they cannot be; nothing else happens. */
function readOrRefuse(name: string, bytes: Buffer): void {
  const api = apis[name];
  if (api === undefined) throw new Error(`${name} is not ours.`);
  try {
    decodeAnswer(api, bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(LogError);
  }
}

it('an answer that is cut anywhere is refused', () => {
  const law = fc.property(sample, fc.nat(), ({ api: name, answer }, cut) => {
    const api = apis[name];
    if (api === undefined || answer.length === 0) return;
    const bytes = answer.subarray(0, cut % answer.length);
    expect(thrownBy(() => decodeAnswer(api, bytes)).code).toBe('CORRUPT_ANSWER');
  });
  fc.assert(law, propertyOptions(500));
});

it('an answer with changed bytes is read or refused, and that soon', () => {
  const change = fc.record({ at: fc.nat(), byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff) });
  const changes = fc.array(change, { minLength: 1, maxLength: 8 });
  const law = fc.property(sample, changes, ({ api, answer }, changed) => {
    const bytes = Buffer.from(answer);
    for (const { at, byte } of changed) bytes[at % bytes.length] = byte;
    readOrRefuse(api, bytes);
  });
  fc.assert(law, propertyOptions(1000));
});

it('bytes that are no answer at all are read or refused', () => {
  const name = fc.constantFrom(...Object.keys(apis));
  const law = fc.property(name, fc.uint8Array({ maxLength: 200 }), (api, bytes) => {
    readOrRefuse(api, Buffer.from(bytes));
  });
  fc.assert(law, propertyOptions(1000));
});

it('a number above 2^53 - 1 is refused, not rounded', () => {
  const bytes = Buffer.from('0020000000000000', 'hex');
  const thrown = thrownBy(() => new WireReader(bytes, 'Fetch').int64());
  expect(thrown.code).toBe('OFFSET_TOO_LARGE');
});
