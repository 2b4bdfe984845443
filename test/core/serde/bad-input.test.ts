import { describe, expect, it } from 'vitest';
import { bytes } from '../../../src/core/serde/bytes.ts';
import { bigint64, int32, int64 } from '../../../src/core/serde/integers.ts';
import { json } from '../../../src/core/serde/json.ts';
import { keyBytes } from '../../../src/core/serde/key-identity.ts';
import { bigint, float64, number } from '../../../src/core/serde/numbers.ts';
import type { Serde } from '../../../src/core/serde/serde.ts';
import { string } from '../../../src/core/serde/string.ts';
import { windowed } from '../../../src/core/serde/windowed.ts';
import { thrownBy } from '../../support/thrown.ts';

const minute = { sizeMs: 60_000 };
const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

function any(serde: unknown): Serde<unknown> {
  return serde as Serde<unknown>; // here serdes are given what their types forbid
}

describe('what a serde cannot write is a typed error', () => {
  const cases: [name: string, serde: unknown, value: unknown, code: string][] = [
    ['string: a number', string(), 7, 'SERIALIZATION'],
    ['string: undefined', string(), undefined, 'SERIALIZATION'],
    ['bytes: a string', bytes(), 'abc', 'SERIALIZATION'],
    ['int32: above', int32(), 2 ** 31, 'OVERFLOW'],
    ['int32: below', int32(), -(2 ** 31) - 1, 'OVERFLOW'],
    ['int32: a fraction', int32(), 0.5, 'SERIALIZATION'],
    ['int32: a string', int32(), '1', 'SERIALIZATION'],
    ['int64: above', int64(), 2 ** 53, 'OVERFLOW'],
    ['int64: below', int64(), -(2 ** 53), 'OVERFLOW'],
    ['int64: NaN', int64(), NaN, 'SERIALIZATION'],
    ['int64: infinite', int64(), Infinity, 'SERIALIZATION'],
    ['int64: a bigint', int64(), 1n, 'SERIALIZATION'],
    ['bigint64: above', bigint64(), 2n ** 63n, 'OVERFLOW'],
    ['bigint64: a number', bigint64(), 1, 'SERIALIZATION'],
    ['bigint: a number', bigint(), 1, 'SERIALIZATION'],
    ['float64: a string', float64(), '1', 'SERIALIZATION'],
    ['number: NaN', number(), NaN, 'SERIALIZATION'],
    ['number: infinite', number(), -Infinity, 'SERIALIZATION'],
    ['json: undefined', json(), undefined, 'SERIALIZATION'],
    ['json: a function', json(), () => 1, 'SERIALIZATION'],
    ['json: a bigint', json(), { id: 1n }, 'SERIALIZATION'],
    ['json: a cycle', json(), cycle, 'SERIALIZATION'],
    ['windowed: another size', windowed(string(), minute), win('a', 0, 1), 'SERIALIZATION'],
    ['windowed: negative', windowed(string(), minute), win('a', -60_000, 0), 'SERIALIZATION'],
    ['windowed: a bad key', windowed(string(), minute), win(7, 0, 60_000), 'SERIALIZATION'],
  ];
  it.each(cases)('%s', (_name, serde, value, code) => {
    expect(thrownBy(() => keyBytes(any(serde), value)).code).toBe(code);
  });
});

function win(key: unknown, startMs: number, endMs: number) {
  return { key, startMs, endMs };
}

describe('what a serde cannot read is a typed error', () => {
  const cases: [name: string, serde: unknown, bytes: Uint8Array][] = [
    ['string: a lone continuation byte', string(), Buffer.from([0x61, 0x80])],
    ['string: cut in the middle', string(), Buffer.from([0xe2, 0x82])],
    ['string: an encoded surrogate', string(), Buffer.from([0xed, 0xa0, 0x80])],
    ['int32: three bytes', int32(), Buffer.alloc(3)],
    ['int32: no bytes', int32(), Buffer.alloc(0)],
    ['int64: nine bytes', int64(), Buffer.alloc(9)],
    ['int64: beyond 2^53', int64(), Buffer.from('0020000000000000', 'hex')],
    ['int64: below -2^53', int64(), Buffer.from('ffdfffffffffffff', 'hex')],
    ['bigint64: seven bytes', bigint64(), Buffer.alloc(7)],
    ['float64: four bytes', float64(), Buffer.alloc(4)],
    ['number: no text', number(), Buffer.from('')],
    ['number: blanks', number(), Buffer.from(' 1')],
    ['number: hexadecimal', number(), Buffer.from('0x10')],
    ['number: too large', number(), Buffer.from('1e999')],
    ['bigint: a fraction', bigint(), Buffer.from('1.5')],
    ['bigint: no text', bigint(), Buffer.from('')],
    ['json: no text', json(), Buffer.from('')],
    ['json: cut off', json(), Buffer.from('{"a":')],
    ['json: not UTF-8', json(), Buffer.from([0x22, 0xff, 0x22])],
    ['windowed: seven bytes', windowed(string(), minute), Buffer.alloc(7)],
    ['windowed: before 1970', windowed(string(), minute), Buffer.alloc(8, 0xff)],
  ];
  it.each(cases)('%s', (_name, serde, encoded) => {
    expect(thrownBy(() => any(serde).deserialize(encoded)).code).toBe('DESERIALIZATION');
  });
});

describe('layouts', () => {
  const hex = <T>(serde: Serde<T>, value: T) => Buffer.from(keyBytes(serde, value)).toString('hex');

  it('integers are big-endian two’s complement, as in Kafka', () => {
    expect(hex(int32(), -2)).toBe('fffffffe');
    expect(hex(int64(), -2)).toBe('fffffffffffffffe');
    expect(hex(int64(), 2 ** 32)).toBe('0000000100000000');
    expect(hex(int64(), Number.MIN_SAFE_INTEGER)).toBe('ffe0000000000001');
    expect(hex(bigint64(), -2n)).toBe('fffffffffffffffe');
  });

  it('negative zero is zero, except bit by bit', () => {
    expect(hex(int64(), -0)).toBe('0000000000000000');
    expect(hex(int32(), -0)).toBe('00000000');
    expect(number().serialize(-0)).toBe('0');
    expect(hex(float64(), -0)).toBe('8000000000000000');
    expect(int64().identity?.(-0)).toBe(int64().identity?.(0));
  });

  it('a windowed key is the key, then the start', () => {
    const key = { key: 'a', startMs: 60_000, endMs: 120_000 };
    expect(hex(windowed(string(), minute), key)).toBe('61000000000000ea60');
  });

  it('a windowed key is partitioned by the bytes of the inner key', () => {
    const serde = windowed(string(), minute);
    const key = keyBytes(serde, { key: 'ann', startMs: 0, endMs: 60_000 });
    expect(serde.partitionBytes?.(key)).toEqual(Buffer.from('ann'));
  });

  it('windowed keys of one key lie in the order of their starts', () => {
    const serde = windowed(string(), minute);
    const at = (startMs: number) => keyBytes(serde, { key: 'a', startMs, endMs: startMs + 60_000 });
    expect(Buffer.compare(at(59_999), at(2 ** 40))).toBe(-1);
  });
});

describe('strings', () => {
  it('a lone surrogate is written as U+FFFD, and its key is that text', () => {
    expect(string().serialize('a\uD800b')).toBe('a\uFFFDb');
    expect(string().identity?.('a\uD800b')).toBe(string().identity?.('a\uFFFDb'));
    expect(string().deserialize(keyBytes(string(), 'a\uD800b'))).toBe('a\uFFFDb');
  });

  it('a surrogate pair is left alone', () => {
    expect(string().serialize('😀')).toBe('😀');
  });

  it('is not normalised: two spellings are two keys', () => {
    expect(string().identity?.('\u00e9')).not.toBe(string().identity?.('e\u0301'));
  });

  it('names of prototypes are names like any other', () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      expect(string().deserialize(keyBytes(string(), key))).toBe(key);
    }
  });
});
