import { describe, expect, it } from 'vitest';
import { differences } from './compare.ts';
import type { Dump, SectionKind } from './dump.ts';

const dumpOf = (kind: SectionKind, ...lines: string[]): Dump => new Map([['t-0', { kind, lines }]]);

describe('comparison with the undisturbed run', () => {
  it('finds nothing between equal runs', () => {
    const dump = dumpOf('ordered', 'a = 1', 'b = 2');
    expect(differences(dump, dump, 'exactly-once')).toEqual([]);
  });

  it('finds what is lost, repeated or out of order', () => {
    const expected = dumpOf('ordered', 'a = 1', 'b = 2');
    expect(differences(expected, dumpOf('ordered', 'a = 1'), 'exactly-once')).toEqual([
      't-0: #1 none, not b = 2 (1 records for 2)',
    ]);
    const repeated = dumpOf('ordered', 'a = 1', 'a = 1', 'b = 2');
    expect(differences(expected, repeated, 'exactly-once')).toHaveLength(1);
    const turned = dumpOf('ordered', 'b = 2', 'a = 1');
    expect(differences(expected, turned, 'exactly-once')).toHaveLength(1);
  });

  it('asks behind a repartition topic and in stores for the same rows in any order', () => {
    const expected = dumpOf('final', 'a = 1', 'b = 2');
    const turned = dumpOf('final', 'b = 2', 'a = 1');
    expect(differences(expected, turned, 'exactly-once')).toEqual([]);
    expect(differences(expected, dumpOf('final', 'a = 1', 'b = 3'), 'exactly-once')).toEqual([
      't-0: missing b = 2',
      't-0: unexpected b = 3',
    ]);
  });

  it('takes repeats under at-least-once, and nothing lost or new', () => {
    const expected = dumpOf('ordered', 'a = 1', 'b = 2', 'c = 3');
    const replayed = dumpOf('ordered', 'a = 1', 'b = 2', 'a = 1', 'b = 2', 'c = 3');
    expect(differences(expected, replayed, 'at-least-once')).toEqual([]);
    const lost = dumpOf('ordered', 'a = 1', 'c = 3');
    expect(differences(expected, lost, 'at-least-once')).toEqual(['t-0: missing b = 2']);
    const counted = dumpOf('state', 'a = 2');
    expect(differences(dumpOf('state', 'a = 1'), counted, 'at-least-once')).toHaveLength(2);
  });

  it('finds a partition or store that is missing', () => {
    const expected = dumpOf('ordered', 'a = 1');
    expect(differences(expected, new Map(), 'exactly-once')).toEqual(['t-0: missing']);
    expect(differences(new Map(), expected, 'exactly-once')).toHaveLength(1);
  });
});
