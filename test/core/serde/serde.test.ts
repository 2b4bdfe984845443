import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Serde } from '../../../src/core/serde/serde.ts';
import { trusted } from '../../../src/core/serde/key-identity.ts';
import { propertyOptions } from '../../support/property-options.ts';
import { serdeCases, serdeLaws } from './serde-laws.ts';

describe.each(Object.entries(serdeCases))('Serde contract: %s', (_name, { serde, values }) => {
  it.each(Object.entries(serdeLaws))('%s', (_law, holds) => {
    const pair = fc.oneof(
      fc.tuple(values, values),
      values.map((value): [unknown, unknown] => [value, value]),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => holds(serde, a, b)),
      propertyOptions(200),
    );
  });

  it('a trusted copy writes the same format and reads the same bytes', () => {
    const inner = trusted(serde);
    expect([inner.format, inner.version]).toEqual([serde.format, serde.version]);
    fc.assert(
      fc.property(values, (value) => {
        expect(inner.serialize(value)).toEqual(serde.serialize(value));
        expect(inner.deserialize(Buffer.from(serde.serialize(value)))).toEqual(value);
      }),
      propertyOptions(50),
    );
  });

  it('is frozen and has a format', () => {
    expect(Object.isFrozen(serde)).toBe(true);
    expect(serde.format).not.toBe('');
  });
});

describe('a broken serde fails the law it breaks', () => {
  const good = serdeCases['string']?.serde as Serde<string>; // it is in the table
  const broken: Record<string, [law: keyof typeof serdeLaws, serde: Serde<string>]> = {
    'cuts the last character': [
      'a value comes back from its bytes',
      { ...good, deserialize: (bytes) => good.deserialize(bytes).slice(0, -1) },
    ],
    'reads the whole buffer': [
      'a range of a larger buffer reads like its view',
      { ...good, deserializeRange: (buffer) => buffer.toString() },
    ],
    'folds case in its identity': [
      'two keys have one identity if and only if they have the same bytes',
      { ...good, identity: (value) => value.toLowerCase() },
    ],
    'loses the key': [
      'a key comes back from its identity',
      { ...good, ofIdentity: () => 'another' },
    ],
  };
  it.each(Object.entries(broken))('%s', (_name, [law, serde]) => {
    const holds = serdeLaws[law];
    expect(() => holds?.(serde as Serde<unknown>, 'aB', 'Ab')).toThrow(); // given strings only
    expect(() => holds?.(serde as Serde<unknown>, 'AB', 'ab')).toThrow(); // given strings only
  });

  it('keeps a view of the buffer', () => {
    const view: Serde<unknown> = {
      format: 'view',
      version: 1,
      serialize: (value) => value as Uint8Array, // given bytes only
      deserialize: (bytes) => bytes,
    };
    const law = serdeLaws['a value does not live in the buffer it was read from'];
    expect(() => law?.(view, Buffer.from('abc'), null)).toThrow();
  });
});
