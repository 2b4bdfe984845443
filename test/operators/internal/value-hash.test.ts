import { expect, it } from 'vitest';
import { valueHash } from '../../../src/operators/internal/value-hash.ts';

const hex = (text: string) => valueHash(Buffer.from(text)).toString('hex');

it('a hash is that of MurmurHash3, 128 bits, 32-bit words', () => {
  expect(hex('')).toBe('00000000000000000000000000000000');
  expect(hex('I will not buy this record, it is scratched.')).toBe(
    'a0a9683b25ac5e40d9af2895890dddf5',
  );
  expect(hex('The quick brown fox jumps over the lazy dog')).toBe(
    '2f1583c3ecee2c675d7bf66ce5e91d2c',
  );
});

it('values that differ in zeros at the end, or in any one byte, have different hashes', () => {
  const zeros = Array.from({ length: 40 }, (_, length) => Buffer.alloc(length));
  const ones = zeros.flatMap((buffer) =>
    Array.from(buffer, (_, at) => Buffer.from(buffer).fill(1, at, at + 1)),
  );
  const hashes = [...zeros, ...ones].map((bytes) => valueHash(bytes).toString('hex'));
  expect(new Set(hashes).size).toBe(hashes.length);
});
