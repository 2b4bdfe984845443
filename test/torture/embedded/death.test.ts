import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/runtime/seeded-random.ts';
import { describeDeath, drawDeath } from './death.ts';

function deaths(seed: number, count: number) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => drawDeath(random));
}

it('the same seed gives the same deaths, another seed others', () => {
  expect(deaths(7, 50)).toEqual(deaths(7, 50));
  expect(deaths(7, 50)).not.toEqual(deaths(8, 50));
});

it('every kind of death, every call and every moment of it is drawn', () => {
  const drawn = new Set(deaths(1, 500).map((death) => describeDeath(death).replace(/\d+/, 'n')));
  const calls = ['produce', 'send-offsets', 'commit', 'write', 'recover'];
  const moments = ['before', 'during', 'after'];
  const atCalls = calls.flatMap((call) => moments.map((moment) => `${moment} ${call} n`));
  expect([...drawn].sort()).toEqual([...atCalls, 'n ms after spawn', 'n ms after start'].sort());
});
