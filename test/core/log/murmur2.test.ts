import { expect, it } from 'vitest';
import { defaultPartition, murmur2 } from '../../../src/core/log/murmur2.ts';

// Of Kafka's `UtilsTest`, and of its Java client.
const vectors: readonly (readonly [string, number])[] = [
  ['', 275_646_681],
  ['a', -1_563_381_124],
  ['ab', 316_155_434],
  ['abc', 479_470_107],
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
];

it.each(vectors)('the hash of %j is that of the Java client', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});

it('a partition is the hash without its sign, modulo the count', () => {
  for (const [text, hash] of vectors) {
    const partition = Number((BigInt(hash) & 0x7fff_ffffn) % 7n);
    expect(defaultPartition(Buffer.from(text), 7)).toBe(partition);
  }
});
