import { describe, expect, it } from 'vitest';
import { string, TopologyBuilder } from '../../../src/index.ts';
import { internalTopicsOf } from '../../../src/core/topology/internal-topics.ts';
import { orphansOf } from '../../../src/core/upkeep/orphans.ts';

function orphansAmong(...topics: readonly string[]) {
  const builder = new TopologyBuilder('a');
  const texts = { key: string(), value: string() };
  builder.stream('a-users-changelog', texts).groupByKey().count({ name: 'counts' });
  const topology = builder.build();
  const { nodes, subTopologies } = topology;
  const internal = internalTopicsOf('a', nodes, subTopologies).map(({ topic }) => topic);
  return orphansOf(topology, internal, topics);
}

describe('Orphans', () => {
  it('are named like internal topics, and used by nothing', () => {
    const used = ['a-counts-changelog', 'a-manifest', 'a-users-changelog', 'in', 'b-x-changelog'];
    const left = ['a-x-changelog', 'a-x-repartition', 'a-x-progress', 'a-x-timers-changelog'];
    expect(orphansAmong(...used, ...left, 'a-x', 'ab-x-changelog').own).toEqual(left);
  });

  it('are doubtful where another application may have made them', () => {
    const topics = ['a-b-counts-changelog', 'a-b-manifest', 'a-bc-changelog', 'a-manifest'];
    expect(orphansAmong(...topics)).toEqual({
      own: ['a-bc-changelog'],
      doubtful: [{ topic: 'a-b-counts-changelog', application: 'a-b' }],
    });
  });
});
