import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TopologyError } from '../../../src/core/model/errors.ts';
import { buildTopology } from '../../../src/core/topology/build-topology.ts';
import { countedTopics, partitionCounts } from '../../../src/core/topology/partition-counts.ts';
import type { PlanNode, Topology } from '../../../src/core/topology/plan.ts';
import {
  operator,
  repartition,
  settings,
  sink,
  source,
  store,
  table,
  tableSource,
} from '../../support/plan-nodes.ts';
import { plans } from '../../support/plans.ts';
import { propertyOptions } from '../../support/property-options.ts';
import { thrownBy } from '../../support/thrown.ts';

const built = (nodes: readonly PlanNode[]) => buildTopology(settings(), nodes);

function countsOf(nodes: readonly PlanNode[], userTopics: Record<string, number>) {
  const { topics, tasks } = partitionCounts(built(nodes), new Map(Object.entries(userTopics)));
  return { topics: Object.fromEntries(topics), tasks: Object.fromEntries(tasks) };
}

function problemCodes(nodes: readonly PlanNode[], userTopics: Record<string, number>) {
  const error = thrownBy(() => countsOf(nodes, userTopics)) as TopologyError; // it throws no other
  return error.problems.map(({ code, node }) => [code, node]);
}

describe('partitions of a repartition topic', () => {
  it('are as many as declared', () => {
    expect(countsOf(plans['windowed-count']?.() ?? [], { events: 4 })).toEqual({
      topics: { events: 4, 'app-by-post-repartition': 6 },
      tasks: { 'by-post': 6, events: 4 },
    });
  });

  it('are else those of the user topic it meets', () => {
    const a = source('a');
    const users = tableSource('users');
    const rows = table('rows', [users]);
    const point = repartition('point', [a]);
    const join = operator('join', [point], { lookups: [rows], isCopartitioned: true });
    expect(countsOf([a, users, rows, point, join], { a: 8, users: 3 })).toEqual({
      topics: { a: 8, users: 3, 'app-point-repartition': 3 },
      tasks: { a: 8, point: 3 },
    });
  });

  it('are else those a partner declares', () => {
    const a = source('a');
    const one = repartition('one', [a], { partitions: 2 });
    const two = repartition('two', [a]);
    const join = operator('join', [one, two], { isCopartitioned: true });
    expect(countsOf([a, one, two, join], { a: 8 }).topics).toEqual({
      a: 8,
      'app-one-repartition': 2,
      'app-two-repartition': 2,
    });
  });

  it('are else the greatest of the inputs of its writer', () => {
    const a = source('a');
    const b = source('b');
    const both = operator('both', [a, b]);
    const point = repartition('point', [both]);
    const nodes = [a, b, both, point, sink('out', [point])];
    expect(countsOf(nodes, { a: 2, b: 5 }).topics['app-point-repartition']).toBe(5);
  });

  it('are the same for two that meet and declare nothing: the greater', () => {
    const a = source('a');
    const b = source('b');
    const one = repartition('one', [a]);
    const two = repartition('two', [b]);
    const join = operator('join', [one, two], { isCopartitioned: true });
    expect(countsOf([a, b, one, two, join], { a: 2, b: 5 })).toEqual({
      topics: { a: 2, b: 5, 'app-one-repartition': 5, 'app-two-repartition': 5 },
      tasks: { a: 2, b: 5, one: 5 },
    });
  });

  it('follow through a chain, whatever the order of names', () => {
    const a = source('m');
    const first = repartition('z', [a]);
    const second = repartition('a', [first]);
    expect(countsOf([a, first, second, sink('out', [second])], { m: 7 }).tasks).toEqual({
      a: 7,
      m: 7,
      z: 7,
    });
  });

  it('are found where a sub-topology writes to itself', () => {
    const { topics } = countsOf(plans['repartition-to-itself']?.() ?? [], { events: 3 });
    expect(topics).toEqual({ events: 3, 'app-back-repartition': 3 });
  });

  it('are at least one, and settle, for any counts and any chain', () => {
    const count = fc.integer({ min: 1, max: 12 });
    const declared = fc.option(count);
    const law = fc.property(count, fc.array(declared, { maxLength: 5 }), (sources, chain) => {
      const nodes: PlanNode[] = [source('s')];
      for (const [index, partitions] of chain.entries()) {
        const last = nodes[index] as PlanNode; // pushed in the turn before
        nodes.push(repartition(`r${index}`, [last], { partitions }));
      }
      const { topics } = countsOf(nodes, { s: sources });
      let expected = sources;
      for (const [index, partitions] of chain.entries()) {
        expected = partitions ?? expected;
        expect(topics[`app-r${index}-repartition`]).toBe(expected);
      }
    });
    fc.assert(law, propertyOptions(100));
  });
});

describe('at start', () => {
  it('every missing topic is told at once', () => {
    const nodes = [source('a'), source('b'), source('c')];
    expect(problemCodes(nodes, { b: 1 })).toEqual([
      ['TOPIC_MISSING', 'a'],
      ['TOPIC_MISSING', 'c'],
    ]);
  });

  it('user topics that meet need equal counts', () => {
    const nodes = plans['stream-table-join']?.() ?? [];
    expect(problemCodes(nodes, { orders: 4, users: 2 })).toEqual([['NOT_COPARTITIONED', 'users']]);
    expect(countsOf(nodes, { orders: 4, users: 4 }).tasks).toEqual({ orders: 4 });
  });

  it('a declared count must be that of the user topic it meets', () => {
    const a = source('a');
    const point = repartition('point', [source('b')], { partitions: 3 });
    const nodes = [a, ...point.parents, point];
    const join = operator('join', [a, point], { isCopartitioned: true });
    expect(problemCodes([...nodes, join], { a: 4, b: 4 })).toEqual([['NOT_COPARTITIONED', 'a']]);
  });

  it('topics that do not meet by key need not be alike', () => {
    const nodes = plans['split-and-merge']?.() ?? [];
    expect(countsOf(nodes, { web: 3, 'app-events': 5 }).tasks).toEqual({ 'app-events': 5 });
  });
});

describe('internal topics', () => {
  const countedBy = (topology: Topology, userTopics: Record<string, number>) => {
    const counts = partitionCounts(topology, new Map(Object.entries(userTopics)));
    return countedTopics(topology, counts).map(({ topic, partitions }) => [topic, partitions]);
  };

  it('have one partition for each task that writes them', () => {
    const topology = built(plans['windowed-count']?.() ?? []);
    expect(Object.fromEntries(countedBy(topology, { events: 4 }))).toEqual({
      'app-by-post-repartition': 6,
      'app-views-per-minute-changelog': 6,
      'app-by-post-timers-changelog': 6,
      'app-by-post-progress': 6,
      'app-events-progress': 4,
      'app-manifest': 1,
    });
  });

  it('hold a repartition topic that nobody reads', () => {
    const events = source('events');
    const count = operator('count', [events], { stores: [store('count')] });
    const topology = built([events, count, repartition('unused', [events])]);
    expect(Object.fromEntries(countedBy(topology, { events: 2 }))).toMatchObject({
      'app-unused-repartition': 2,
      'app-count-changelog': 2,
    });
  });
});
