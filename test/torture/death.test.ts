import { expect, it } from 'vitest';
import { seededRandom } from '../../src/core/runtime/seeded-random.ts';
import { describeDeath, drawDeath } from './death.ts';

function deaths(seed: number, count: number) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => drawDeath(random));
}

it('the same seed gives the same deaths, another seed others', () => {
  expect(deaths(7, 50)).toEqual(deaths(7, 50));
  expect(deaths(7, 50)).not.toEqual(deaths(8, 50));
});

it('every kind of death and every moment of a call is drawn', () => {
  const drawn = deaths(1, 200).map((death) => describeDeath(death).replace(/\d+/, 'n'));
  expect([...new Set(drawn)].sort()).toEqual([
    'after call n',
    'before call n',
    'during call n',
    'n ms after spawn',
    'n ms after start',
  ]);
});
