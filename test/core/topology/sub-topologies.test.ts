import { describe, expect, it } from 'vitest';
import { buildTopology } from '../../../src/core/topology/build-topology.ts';
import type { PlanNode, SubTopology, Topology } from '../../../src/core/topology/plan.ts';
import {
  operator,
  repartition,
  settings,
  sink,
  source,
  store,
  table,
  tableSource,
  visibleTable,
} from '../../support/plan-nodes.ts';
import { plans } from '../../support/plans.ts';

const built = (nodes: readonly PlanNode[]) => buildTopology(settings(), nodes);
const partsOf = (nodes: readonly PlanNode[]) => built(nodes).subTopologies;
const topics = ({ inputs }: SubTopology) => inputs.map(({ topic }) => topic);
const names = (nodes: readonly PlanNode[]) => nodes.map(({ name }) => name);

function part(parts: readonly SubTopology[], id: string): SubTopology {
  const found = parts.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`There is no '${id}'.`);
  return found;
}

describe('sub-topologies', () => {
  it('what is connected by records is one', () => {
    const parts = partsOf(plans['split-and-merge']?.() ?? []);
    expect(parts.map(({ id }) => id)).toEqual(['app-events']);
  });

  it('what nothing connects is several, told by the least name of their inputs', () => {
    const a = source('zebra');
    const b = source('ant');
    expect(partsOf([a, b, sink('x', [a]), sink('y', [b])]).map(({ id }) => id)).toEqual([
      'ant',
      'zebra',
    ]);
  });

  it('a repartition node is an output of its writer and an input of its readers', () => {
    const parts = partsOf(plans['windowed-count']?.() ?? []);
    expect(parts.map(({ id }) => id)).toEqual(['by-post', 'events']);
    expect(topics(part(parts, 'by-post'))).toEqual(['app-by-post-repartition']);
    expect(names(part(parts, 'by-post').nodes)).toEqual(['views-per-minute', 'out']);
    expect(names(part(parts, 'events').nodes)).toEqual(['filter-1', 'by-post']);
  });

  it('a repartition node can be both of one sub-topology', () => {
    const parts = partsOf(plans['repartition-to-itself']?.() ?? []);
    expect(parts).toHaveLength(1);
    expect(parts[0]?.id).toBe('back');
    expect(topics(part(parts, 'back'))).toEqual(['events', 'app-back-repartition']);
    expect(names(part(parts, 'back').nodes)).toEqual(['back', 'latest', 'with-latest', 'out']);
  });

  it('a repartition node that nobody reads is no input', () => {
    const events = source('events');
    const parts = partsOf([events, repartition('unused', [events])]);
    expect(parts.map(topics)).toEqual([['events']]);
  });

  it('lookups connect', () => {
    const parts = partsOf(plans['stream-table-join']?.() ?? []);
    expect(parts.map(({ id }) => id)).toEqual(['orders']);
    expect(part(parts, 'orders').stores.map(({ name }) => name)).toEqual(['users-table']);
  });

  it('shared stores connect, and are listed once', () => {
    const shared = store('shared');
    const a = source('a');
    const b = source('b');
    const parts = partsOf([
      a,
      b,
      operator('write', [a], { stores: [shared] }),
      operator('read', [b], { stores: [shared] }),
    ]);
    expect(parts.map(({ id }) => id)).toEqual(['a']);
    expect(parts[0]?.stores).toEqual([shared]);
  });

  it('has timers if one of its operators has', () => {
    const parts = partsOf(plans['windowed-count']?.() ?? []);
    expect(parts.map(({ id, hasTimers }) => [id, hasTimers])).toEqual([
      ['by-post', true],
      ['events', false],
    ]);
  });

  it('topics are in the order: tables, other sources, repartitions by name', () => {
    const b = source('b');
    const t2 = tableSource('t2');
    const a = source('a');
    const t1 = tableSource('t1');
    const points = ['z', 'y'].map((name) => repartition(name, [a]));
    const all = operator('all', [b, t2, a, t1, ...points]);
    expect(partsOf([b, t2, a, t1, ...points, all]).map(topics)).toEqual([
      ['t2', 't1', 'b', 'a', 'app-y-repartition', 'app-z-repartition'],
    ]);
  });
});

describe('time domains', () => {
  const domains = (nodes: readonly PlanNode[]) => partsOf(nodes).map((p) => [...p.timeDomains]);

  it('records connect them, lookups do not', () => {
    expect(Object.fromEntries(domains(plans['stream-table-join']?.() ?? [])[0] ?? [])).toEqual({
      users: 0,
      'users-table': 0,
      'active-users': 0,
      orders: 1,
      enrich: 1,
      routed: 1,
    });
  });

  it('a repartition node that is written and read has the time of its readers', () => {
    const [domain] = domains(plans['repartition-to-itself']?.() ?? []);
    expect(Object.fromEntries(domain ?? [])).toEqual({
      events: 0,
      'with-latest': 0,
      out: 0,
      back: 1,
      latest: 1,
    });
  });

  it('what lies behind a call has one of its own, unless it meets its input again', () => {
    const calls = {
      make: () => null,
      maxInFlight: 1,
      timeoutMs: 1,
      retries: 0,
      backoffMs: () => 0,
      laneOf: () => null,
    };
    const a = source('a');
    const call = operator('call', [a], { calls });
    const alone = operator('alone', [call]);
    const other = operator('other', [call]);
    const merged = operator('merged', [other, a]);
    expect(Object.fromEntries(domains([a, call, alone, other, merged])[0] ?? [])).toEqual({
      a: 0,
      call: 0,
      other: 0,
      merged: 0,
      alone: 1,
    });
  });

  it('shared stores do not connect them', () => {
    const shared = store('shared');
    const a = source('a');
    const b = source('b');
    const write = operator('write', [a], { stores: [shared] });
    const read = operator('read', [b], { stores: [shared] });
    expect(domains([a, b, write, read])).toEqual([
      [
        ['a', 0],
        ['write', 0],
        ['b', 1],
        ['read', 1],
      ],
    ]);
  });

  it('every node of a sub-topology has one', () => {
    for (const plan of Object.values(plans)) {
      for (const { inputs, nodes, timeDomains } of partsOf(plan())) {
        const all = [...inputs.map(({ node }) => node.name), ...names(nodes)];
        expect([...timeDomains.keys()].sort()).toEqual([...new Set(all)].sort());
      }
    }
  });
});

describe('co-partitioned inputs', () => {
  const groups = (nodes: readonly PlanNode[]) =>
    partsOf(nodes).flatMap(({ copartitioned }) =>
      copartitioned.map((group) => group.map(({ topic }) => topic)),
    );

  it('are those that meet in a join', () => {
    expect(groups(plans['stream-table-join']?.() ?? [])).toEqual([['users', 'orders']]);
  });

  it('are those that meet in a store', () => {
    const a = source('a');
    const b = source('b');
    const both = operator('both', [a, b], { kind: 'merge' });
    expect(groups([a, b, both, operator('count', [both], { stores: [store('count')] })])).toEqual([
      ['a', 'b'],
    ]);
  });

  it('are not those that only flow together', () => {
    expect(groups(plans['split-and-merge']?.() ?? [])).toEqual([]);
  });

  it('stand on this side of a repartition', () => {
    const a = source('a');
    const b = source('b');
    const point = repartition('point', [a]);
    const joined = operator('join', [point, b], { isCopartitioned: true });
    expect(groups([a, b, point, joined])).toEqual([['b', 'app-point-repartition']]);
  });

  it('join into larger groups where they overlap', () => {
    const [a, b, c] = [tableSource('a'), tableSource('b'), source('c')];
    const left = table('left', [a]);
    const right = table('right', [b]);
    const nodes = [
      a,
      b,
      c,
      left,
      right,
      operator('one', [c], { lookups: [left] }),
      operator('two', [c], { lookups: [right] }),
    ];
    expect(groups(nodes)).toEqual([['a', 'b', 'c']]);
  });
});

describe('a built topology', () => {
  it('is frozen as deep as it is plain data', () => {
    const topology: Topology = built(plans['windowed-count']?.() ?? []);
    const frozen: object[] = [topology, topology.nodes, topology.subTopologies];
    for (const node of topology.nodes) frozen.push(node, node.parents, node.detail);
    for (const own of topology.subTopologies) {
      frozen.push(own, own.inputs, own.nodes, own.stores);
    }
    expect(frozen.every(Object.isFrozen)).toBe(true);
    const count = topology.nodes.find(({ kind }) => kind === 'count');
    expect(Object.isFrozen(count?.detail['window'])).toBe(true);
  });

  it('keeps its settings and the order of declaration', () => {
    const nodes = plans['stream-table-join']?.() ?? [];
    const topology = buildTopology(settings({ deadLetterTopic: 'dead' }), nodes);
    expect(topology.deadLetterTopic).toBe('dead');
    expect(topology.nodes).toEqual(nodes);
  });

  it('refuses a plan whose nodes are not all there: a defect of the caller', () => {
    const hidden = source('hidden');
    expect(() => built([sink('out', [hidden])])).toThrow(/not in the plan/);
    const known = source('known');
    const looking = operator('look', [known], {
      lookups: [operator('t', [known], { table: visibleTable })],
    });
    expect(() => built([known, looking])).toThrow(/not in the plan/);
    expect(() => built([operator('orphan', [])])).toThrow(/only sources, have no parents/);
  });
});
