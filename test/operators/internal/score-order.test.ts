import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Score } from '../../../src/core/serde/ranking.ts';
import type { GroupPart } from '../../../src/operators/internal/group-part.ts';
import { orderNodeSerde } from '../../../src/operators/internal/order-node-serde.ts';
import {
  comparePlaces,
  type OrderStore,
  type Place,
  scoreOrder,
} from '../../../src/operators/internal/score-order.ts';
import { propertyOptions } from '../../support/property-options.ts';

/** Keeps the bytes of each node, and counts what is written. */
function byteStore(maxPlaces?: number) {
  const rows = new Map<string, Uint8Array>();
  let writes = 0;
  const idOf = ({ group, part }: GroupPart<string>) => `${group} ${part}`;
  const store: Pick<OrderStore<string>, 'get' | 'put'> = {
    get(key) {
      const bytes = rows.get(idOf(key));
      return bytes === undefined
        ? undefined
        : { value: orderNodeSerde.deserialize(bytes), timestamp: 0 };
    },
    put(key, row) {
      writes += 1;
      if (row === null) rows.delete(idOf(key));
      else rows.set(idOf(key), orderNodeSerde.serialize(row.value) as Uint8Array); // as it is made
    },
  };
  return { rows, writes: () => writes, order: scoreOrder(store as OrderStore<string>, maxPlaces) }; // all it uses
}

const place = (score: Score, key = ''): Place => ({ score, key });

describe('places', () => {
  it('are ordered by score, the greatest first, then by key as bytes', () => {
    const places = [
      place(1, '\u00ff'),
      place(2),
      place(10n),
      place(1, 'a'),
      place(-0.5),
      place(2n),
    ];
    expect(places.sort(comparePlaces)).toEqual([
      place(10n),
      place(2),
      place(2n),
      place(1, 'a'),
      place(1, '\u00ff'),
      place(-0.5),
    ]);
  });

  it('of bigints and numbers compare as the numbers they are', () => {
    expect(comparePlaces(place(2n ** 60n), place(2 ** 60))).toBe(0);
    expect(comparePlaces(place(2n ** 60n + 1n), place(2 ** 60))).toBe(-1);
  });
});

it('an order is the sorted list of what was inserted and not removed', () => {
  const one = fc.record({
    group: fc.constantFrom('g', 'g', 'g', 'h'),
    score: fc.integer({ min: 0, max: 40 }),
    key: fc.constantFrom('a', 'b', 'c'),
    isInsert: fc.constantFrom(true, true, false),
  });
  const law = fc.property(fc.array(one, { minLength: 150, maxLength: 300 }), (changes) => {
    const { order, rows } = byteStore(3);
    const sorted = { g: [] as Place[], h: [] as Place[] };
    for (const { group, score, key, isInsert } of changes) {
      const own = sorted[group];
      const at = own.findIndex((other) => comparePlaces(other, { score, key }) === 0);
      if (isInsert && at < 0) {
        order.insert(group, { score, key });
        own.push({ score, key });
        own.sort(comparePlaces);
      } else if (!isInsert) {
        order.remove(group, { score, key });
        if (at >= 0) own.splice(at, 1);
      }
    }
    for (const group of ['g', 'h'] as const) {
      expect(order.first(group, 1000)).toEqual(sorted[group]);
      expect(order.first(group, 3)).toEqual(sorted[group].slice(0, 3));
      for (const own of sorted[group]) order.remove(group, own);
    }
    expect(rows.size).toBe(0);
  });
  fc.assert(law, propertyOptions(25));
});

describe('in a group of many', () => {
  const many = 20_000;
  /** Scores in an order that visits all parts of the tree. */
  const scoreAt = (index: number) => (index * 7919) % many;
  const filled = byteStore();
  for (let index = 0; index < many; index += 1) filled.order.insert('g', place(scoreAt(index)));

  it('a change writes few and small rows, and the order stays that of the scores', () => {
    const before = filled.writes();
    for (let index = 0; index < 100; index += 1) {
      filled.order.remove('g', place(scoreAt(index * 31)));
      filled.order.insert('g', place(scoreAt(index * 31) + 0.5));
    }
    expect((filled.writes() - before) / 200).toBeLessThan(2);
    const scores = Array.from({ length: many }, (_, index) => scoreAt(index));
    for (let index = 0; index < 100; index += 1) scores[index * 31] = scoreAt(index * 31) + 0.5;
    scores.sort((a, b) => b - a);
    expect(filled.order.first('g', many).map(({ score }) => score)).toEqual(scores);
    const longest = Math.max(...[...filled.rows.values()].map((bytes) => bytes.length));
    expect(longest).toBeLessThan(1500);
  });

  it('the best are found by reading few rows', () => {
    const best = filled.order.first('g', 5).map(({ score }) => Math.floor(Number(score)));
    expect(best).toEqual([many - 1, many - 2, many - 3, many - 4, many - 5]);
  });

  it('nothing is left when all have gone, from whichever end', () => {
    const { order, rows } = byteStore();
    for (let index = 0; index < 1000; index += 1) order.insert('g', place(index));
    for (let index = 0; index < 500; index += 1) {
      order.remove('g', place(index));
      order.remove('g', place(999 - index));
    }
    expect(order.first('g', 1)).toEqual([]);
    expect(rows.size).toBe(0);
  });
});
