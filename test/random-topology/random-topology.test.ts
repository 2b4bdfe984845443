import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { happenings } from './happenings.ts';
import { propertyOptions } from '../support/property-options.ts';
import { judgeCluster, judgeDriver } from './judge.ts';
import { acts } from './play-with-acts.ts';
import { randomCases } from './random-case.ts';

// `npm run random` makes thousands of runs of the same.
describe('a random topology', () => {
  it('gives what the interpreter gives, whatever is batched, committed and lost', async () => {
    const law = fc.asyncProperty(randomCases(), acts(), async (given, chosen) => {
      expect(await judgeDriver(given, chosen)).toBeNull();
    });
    await fc.assert(law, propertyOptions(150));
  });

  it('gives it too while its workers come and go', async () => {
    const cases = randomCases({ mixesTopics: false });

    const law = fc.asyncProperty(cases, happenings(), fc.nat(), async (given, chosen, seed) => {
      expect(await judgeCluster(given, chosen, seed)).toBeNull();
    });
    await fc.assert(law, propertyOptions(20));
  });
});
