import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Replayed } from '../../../src/core/upkeep/replayed.ts';
import { propertyOptions } from '../../support/property-options.ts';

it('What was replayed is known, in whatever order and with whatever holes between records', () => {
  const offsets = fc.uniqueArray(fc.nat(60), { maxLength: 20 }).map((all) => {
    return all.sort((a, b) => a - b);
  });
  const rounds = fc.array(fc.func(fc.boolean()), { maxLength: 4 });
  fc.assert(
    fc.property(offsets, rounds, (records, chosen) => {
      const done = new Set<number>();
      let stored = new Replayed().serialize();
      for (const isChosen of chosen) {
        const { stretches } = JSON.parse(stored) as { stretches: [number, number][] }; // own text
        const replayed = new Replayed(stretches);
        for (const offset of records) {
          expect(replayed.has(offset)).toBe(done.has(offset));
          if (isChosen(offset)) done.add(offset);
          replayed.pass(offset, done.has(offset));
        }
        stored = replayed.serialize();
      }
      const { stretches } = JSON.parse(stored) as { stretches: [number, number][] }; // own text
      const last = new Replayed(stretches);
      expect(records.filter((offset) => last.has(offset))).toEqual(
        records.filter((offset) => done.has(offset)),
      );
      // All of them are one stretch, however many holes there are.
      if (records.length > 0 && done.size === records.length) expect(stretches).toHaveLength(1);
    }),
    propertyOptions(200),
  );
});
