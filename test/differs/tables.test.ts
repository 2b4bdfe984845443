import { describe, expect, it } from 'vitest';
import { number, string, TopologyBuilder } from '../../src/index.ts';
import { play } from './play.ts';

const serdes = { key: string(), value: string() };
const pair = (left: string | null, right: string | null) => `${left}+${right}`;

type Table = ReturnType<typeof tables>['left'];

function tables() {
  const builder = new TopologyBuilder('differs');
  const left = builder.table('L', { name: 'left', ...serdes });
  return { builder, left, right: builder.table('R', { name: 'right', ...serdes }) };
}

/** What the table gives that is made of a left and a right one. */
function made(of: (left: Table, right: Table) => Table) {
  const { builder, left, right } = tables();
  of(left, right).toStream().to('out');
  return builder.build();
}

const byForeignKey = { name: 'joined', foreignKey: (v: string) => v.slice(0, 1), value: string() };
const foreignJoin = made((left, right) => left.join(right, pair, byForeignKey));
const foreignLeftJoin = made((left, right) => left.leftJoin(right, pair, byForeignKey));

describe('differs/D10 no tombstone without a row:', () => {
  it('of a filter', () => {
    const topology = made((left) => left.filter((value) => value === 'x'));
    expect(play(topology, 'L/k:a@1 L/k:b@2 L/k:x@3 L/k:c@4 L/k:~@5').turns).toEqual([
      ...['', '', 'k=x@3'],
      ...['k=null@4', ''],
    ]);
  });

  it('of inner joins, by key and by foreign key', () => {
    const byKey = made((left, right) => left.join(right, pair, { value: string() }));
    for (const topology of [byKey, foreignJoin]) {
      expect(play(topology, 'L/f:f@1 L/f:f2@2 L/f:~@3').turns).toEqual(['', '', '']);
    }
  });
});

it('differs/X1 the first change of an aggregation has no old value', () => {
  const builder = new TopologyBuilder('differs');
  const counts = builder.stream('in', serdes).groupByKey().count({ name: 'counts' });
  const names = { name: 'by-count', key: number(), value: number() };
  const grouped = counts.groupBy((count) => ({ key: count, value: count }), names);
  grouped.count({ name: 'keys' }).toStream().to('out');
  const { turns } = play(builder.build(), 'a@1 a@2 b@3');
  // No row for the count 0, from which Kafka Streams' initializer starts.
  expect(turns).toEqual(['1=1@1', '1=0@2 2=1@2', '1=1@3']);
});

it('differs/X5 older versions are not forwarded; a version that is alone is never too old', () => {
  const builder = new TopologyBuilder('differs');
  const table = builder.table('in', { name: 'rows', ...serdes, versioned: { history: 20 } });
  table.toStream().to('out');
  const { turns, drops } = play(builder.build(), 'k:a@10 k:b@5 k:c@40 k:d@15 j:e@15');
  expect(turns).toEqual(['k=a@10', '', 'k=c@40', '', 'j=e@15']);
  expect(drops()).toEqual(['expired-version']);
});

it('differs/X6 results by foreign key have the later time of both rows', () => {
  for (const topology of [foreignJoin, foreignLeftJoin]) {
    const { turns } = play(topology, 'R/f:x@5 L/o:f@10 R/f:y@7 R/f:z@20 L/o:~@12');
    expect(turns.slice(1)).toEqual(['o=f+x@10', 'o=f+y@10', 'o=f+z@20', 'o=null@20']);
  }
});

it('differs/X7 deleting what is not there forwards nothing', () => {
  const rows = made((left) => left);
  expect(play(rows, 'L/k:a@1 L/k:~@2 L/k:~@3').turns).toEqual(['k=a@1', 'k=null@2', '']);
  const left = made((one, other) => one.leftJoin(other, pair, { value: string() }));
  const outer = made((one, other) => one.outerJoin(other, pair, { value: string() }));
  for (const topology of [left, outer]) {
    expect(play(topology, 'L/k:a@1 R/k:~@2').turns).toEqual(['k=a+null@1', '']);
  }
});

it('differs/X13 a right delete that crosses a left update leaves no stale row', () => {
  const ends = [
    [foreignJoin, 'o=null@4'],
    [foreignLeftJoin, 'o=f2+null@4'],
  ] as const;
  for (const [topology, end] of ends) {
    const { driver, send, results } = play(topology, 'R/f:r@1', { commit: 'manual' });
    const settle = () => {
      for (let passed = 0; passed < 5; passed++) driver.commit();
      return results();
    };
    settle();
    send('L/o:f1@2');
    expect(settle()).toBe('o=f1+r@2');
    // Both are under way before either is answered.
    send('L/o:f2@4');
    send('R/f:~@3');
    expect(settle()).toBe(end);
  }
});
