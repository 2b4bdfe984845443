import { describe, expect, it } from 'vitest';
import { TopologyError, type TopologyProblem } from '../../../src/core/model/errors.ts';
import { buildTopology } from '../../../src/core/topology/build-topology.ts';
import type { PlanNode, TopologySettings } from '../../../src/core/topology/plan.ts';
import { thrownBy } from '../../support/thrown.ts';
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

function problemsOf(
  nodes: readonly PlanNode[],
  change: Partial<TopologySettings> = {},
): readonly TopologyProblem[] {
  const error = thrownBy(() => buildTopology(settings(change), nodes));
  return (error as TopologyError).problems; // build throws no other
}

const found = (nodes: readonly PlanNode[], change: Partial<TopologySettings> = {}) =>
  problemsOf(nodes, change).map(({ code, node }) => [code, node]);

const events = source('events');

describe('problems of a topology', () => {
  it('are reported all at once, those found before first', () => {
    const nodes = [
      events,
      operator('bad name', [events]),
      operator('twice', [events]),
      operator('twice', [events]),
      sink('s', [events], { topic: 'app-manifest' }),
    ];
    const earlier = [{ code: 'SERDE_MISSING', node: 'x', message: 'no serde' }] as const;
    const error = thrownBy(() => buildTopology(settings(), nodes, earlier));
    expect(error).toBeInstanceOf(TopologyError);
    expect(error.code).toBe('SERDE_MISSING');
    const codes = (error as TopologyError).problems.map(({ code }) => code); // checked above
    expect(codes).toEqual(['SERDE_MISSING', 'BAD_NAME', 'DUPLICATE_NAME', 'BAD_NAME']);
    for (const { message } of (error as TopologyError).problems) {
      expect(error.message).toContain(message);
    }
  });

  it('earlier ones alone refuse too', () => {
    const earlier = [{ code: 'SERDE_MISSING', message: 'no serde' }] as const;
    expect(() => buildTopology(settings(), [events], earlier)).toThrow(TopologyError);
  });

  it('there are none in plans that can run', () => {
    for (const plan of Object.values(plans)) {
      expect(() => buildTopology(settings(), plan())).not.toThrow();
    }
  });

  it('EMPTY_TOPOLOGY: no source', () => {
    expect(found([])).toEqual([['EMPTY_TOPOLOGY', undefined]]);
  });

  it.each(['', 'a b', 'ü', 'a/b', '.', '..', '__proto__', 'x'.repeat(101)])(
    'BAD_NAME: %j for a node, a store, an application',
    (name) => {
      const bad = operator(name, [events]);
      const stateful = operator('count', [events], { stores: [store(name)] });
      expect(found([events, bad])).toContainEqual(['BAD_NAME', name]);
      expect(found([events, stateful])).toContainEqual(['BAD_NAME', 'count']);
      expect(found([events], { application: name })).toContainEqual(['BAD_NAME', undefined]);
    },
  );

  it('names of 1 to 100 characters of the allowed ones pass', () => {
    for (const name of ['a', 'x'.repeat(100), 'A-z_0.9', 'constructor']) {
      expect(() => buildTopology(settings(), [events, operator(name, [events])])).not.toThrow();
    }
  });

  it.each(['progress', 'timers'])('BAD_NAME: the store name %s is reserved', (name) => {
    const stateful = operator('count', [events], { stores: [store(name)] });
    expect(found([events, stateful])).toEqual([['BAD_NAME', 'count']]);
  });

  it('BAD_NAME: topics that Kafka would not take', () => {
    expect(found([source('a b', { name: 'a' })])).toContainEqual(['BAD_NAME', 'a']);
    expect(found([events, sink('s', [events], { topic: 'x/y' })])).toEqual([['BAD_NAME', 's']]);
    expect(found([events], { deadLetterTopic: '' })).toEqual([['BAD_NAME', undefined]]);
  });

  it('DUPLICATE_NAME: two nodes, also if they differ in . and _ only', () => {
    const one = operator('a.b', [events]);
    expect(found([events, one, operator('a.b', [events])])).toEqual([['DUPLICATE_NAME', 'a.b']]);
    expect(found([events, one, operator('a_b', [events])])).toEqual([['DUPLICATE_NAME', 'a_b']]);
  });

  it('DUPLICATE_NAME: two stores, but not one store of two nodes', () => {
    const shared = store('same');
    const nodes = (other: typeof shared) => [
      events,
      operator('one', [events], { stores: [shared] }),
      operator('two', [events], { stores: [other] }),
    ];
    expect(found(nodes(store('same')))).toEqual([['DUPLICATE_NAME', 'two']]);
    expect(() => buildTopology(settings(), nodes(shared))).not.toThrow();
  });

  it('DUPLICATE_NAME: one topic read by two sources', () => {
    expect(found([events, source('events', { name: 'again' })])).toEqual([
      ['DUPLICATE_NAME', 'again'],
    ]);
  });

  it('DUPLICATE_NAME: internal topics of two kinds under one name', () => {
    const timed = operator('count', [events], {
      hasTimers: true,
      stores: [store('events-timers')],
    });
    expect(found([events, timed])).toEqual([['DUPLICATE_NAME', 'events']]);
  });

  it('DUPLICATE_NAME: a topic and a repartition point that would name two sub-topologies', () => {
    const point = repartition('other', [events]);
    const other = source('other', { name: 'other-topic' });
    const nodes = [events, point, operator('read', [point]), other];
    expect(found(nodes)).toEqual([['DUPLICATE_NAME', 'other-topic']]);
  });

  it('BAD_NAME: a source, sink or dead-letter topic of the engine itself', () => {
    const count = operator('count', [events], { stores: [store('count')] });
    const topic = 'app-count-changelog';
    expect(found([events, count, sink('s', [count], { topic })])).toEqual([['BAD_NAME', 's']]);
    expect(found([events, count, source(topic)])).toEqual([['BAD_NAME', topic]]);
    expect(found([events, count], { deadLetterTopic: topic })).toEqual([['BAD_NAME', undefined]]);
  });

  it('BAD_NAME: an internal topic longer than Kafka allows', () => {
    const long = source('x'.repeat(249), { name: 'long' });
    expect(found([long])).toEqual([['BAD_NAME', 'x'.repeat(249)]]);
  });

  it('a sink may write to a topic that is read', () => {
    expect(() =>
      buildTopology(settings(), [events, sink('back', [events], { topic: 'events' })]),
    ).not.toThrow();
  });

  it('BAD_OPTION: dead letters of drops without a topic for them', () => {
    expect(found([events], { deadLetterDrops: 'all' })).toEqual([['BAD_OPTION', undefined]]);
    expect(found([events], { deadLetterDrops: ['late'] })).toEqual([['BAD_OPTION', undefined]]);
  });

  it('BAD_OPTION: a policy of dead letters without a topic for them', () => {
    const policy = 'dead-letter' as const;
    const nodes = [
      source('in', { onDeserializationError: policy }),
      operator('own', [events], { onProcessingError: policy }),
      sink('out', [events], { onProductionError: policy }),
    ];
    for (const node of nodes) {
      const others = node.type === 'source' ? [] : [events];
      expect(found([...others, node])).toEqual([['BAD_OPTION', node.name]]);
      expect(() =>
        buildTopology(settings({ deadLetterTopic: 'dead' }), [...others, node]),
      ).not.toThrow();
    }
  });

  it('INVALID_TOPOLOGY: dead letters that would be read again', () => {
    expect(found([events], { deadLetterTopic: 'events' })).toEqual([
      ['INVALID_TOPOLOGY', 'events'],
    ]);
  });

  it('TABLE_NOT_VISIBLE, in the words of the table', () => {
    const users = tableSource('users');
    const why = 'its rows go as they come';
    const closed = table('closed', [users], { table: { notVisible: why, open: () => () => null } });
    const nodes = [events, users, closed, operator('join', [events], { lookups: [closed] })];
    expect(found(nodes)).toEqual([['TABLE_NOT_VISIBLE', 'join']]);
    expect(problemsOf(nodes)[0]?.message).toContain(why);
  });

  it('INVALID_TOPOLOGY: a lookup in what is no table', () => {
    const plain = operator('plain', [events]);
    const nodes = [events, plain, operator('join', [events], { lookups: [plain] })];
    expect(found(nodes)).toEqual([['INVALID_TOPOLOGY', 'join']]);
  });

  it('NOT_COPARTITIONED: repartition points that meet and declare unequal counts', () => {
    const one = repartition('one', [events], { partitions: 4 });
    const two = repartition('two', [events], { partitions: 6 });
    const join = operator('join', [one, two], { isCopartitioned: true });
    expect(found([events, one, two, join])).toEqual([['NOT_COPARTITIONED', 'two']]);
    const merge = operator('merge', [one, two]);
    expect(() => buildTopology(settings(), [events, one, two, merge])).not.toThrow();
  });

  it('NOT_COPARTITIONED: repartition points that meet with unequal partitioners', () => {
    const partitioner = { name: 'by-region', partition: () => 0 };
    const one = repartition('one', [events], { partitioner });
    const two = repartition('two', [events]);
    const join = operator('join', [one, two], { isCopartitioned: true });
    expect(found([events, one, two, join])).toEqual([['NOT_COPARTITIONED', 'two']]);
  });

  it.each([0, -1, 1.5, NaN])('BAD_OPTION: %d partitions', (partitions) => {
    expect(found([events, repartition('point', [events], { partitions })])).toEqual([
      ['BAD_OPTION', 'point'],
    ]);
  });
});
