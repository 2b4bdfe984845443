import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SerdeError, string } from '../../../src/index.ts';
import { distinctSets } from '../../../src/operators/internal/distinct-sets.ts';
import { naiveEstimate, naiveMurmur3 } from '../../support/naive-hyper-log-log.ts';
import { propertyOptions } from '../../support/property-options.ts';

const options = {
  name: 'ids',
  id: string(),
  by: (value: string) => (value === '-' ? null : value),
};
const kinds = [
  { kind: 'exact', sets: distinctSets(options), measure: (ids: readonly string[]) => ids.length },
  {
    kind: 'estimated',
    sets: distinctSets({ ...options, precision: 5 }),
    measure: (ids: readonly string[]) =>
      naiveEstimate(
        ids.map((id) => naiveMurmur3(Buffer.from(id))),
        5,
      ),
  },
] as const;

const ids = fc.array(fc.oneof(fc.nat(99).map(String), fc.constantFrom('', 'é', '€uro')));

describe.each(kinds)('$kind', ({ sets, measure }) => {
  const setOf = (some: readonly string[]) =>
    some.reduce((set, id) => sets.aggregator(set, id, 'k'), sets.initializer());

  it('a merged set counts what is in either once', () => {
    const law = fc.property(ids, ids, (left, right) => {
      const merged = sets.merger(setOf(left), setOf(right));
      expect(merged).toEqual(setOf([...right, ...left]));
      expect(sets.countOf(merged)).toBe(measure([...new Set([...left, ...right])]));
    });
    fc.assert(law, propertyOptions(100));
  });

  it('a set comes back from its bytes', () => {
    const law = fc.property(ids, (some) => {
      const set = setOf(some);
      const bytes = sets.value.serialize(set) as Uint8Array; // no text
      expect(Buffer.from(sets.value.deserialize(bytes) as never)).toEqual(
        Buffer.from(set as never), // both are lists
      );
      expect(sets.countOf(sets.value.deserialize(bytes))).toBe(sets.countOf(set));
    });
    fc.assert(law, propertyOptions(100));
  });

  it('an id that is known leaves the very same set', () => {
    const set = setOf(['a', 'b']);
    expect(sets.aggregator(set, 'a', 'k')).toBe(set);
  });

  it('a null id is no value', () => {
    const record = { key: 'k', timestamp: 0, headers: [] as never };
    expect(sets.isNull({ ...record, value: '-' })).toBe(true);
    expect(sets.isNull({ ...record, value: 'a' })).toBe(false);
  });
});

it('a set that is cut short is not read', () => {
  const { value, aggregator, initializer } = distinctSets(options);
  const bytes = value.serialize(aggregator(initializer(), 'abc', 'k')) as Uint8Array; // no text
  for (const length of [1, 3, 6]) {
    expect(() => value.deserialize(bytes.subarray(0, length))).toThrow(SerdeError);
  }
});
