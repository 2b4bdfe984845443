import type { PlanNode } from '../../src/core/topology/plan.ts';
import { operator, repartition, sink, source, store, table, tableSource } from './plan-nodes.ts';

/** Small plans of the shapes that matter: each a list of nodes in the order of declaration. */
export const plans: Record<string, () => readonly PlanNode[]> = {
  'pass-through': () => {
    const events = source('events');
    return [events, sink('out', [events])];
  },
  'windowed-count': () => {
    const events = source('events');
    const views = operator('filter-1', [events], { kind: 'filter' });
    const byPost = repartition('by-post', [views], { kind: 'groupBy', partitions: 6 });
    const detail = { window: { kind: 'tumbling', sizeMs: 60_000, graceMs: 10_000 } };
    const counts = operator('views-per-minute', [byPost], {
      kind: 'count',
      detail: { ...detail, emit: 'onClose' },
      stores: [store('views-per-minute', { kind: 'window', detail })],
      hasTimers: true,
    });
    return [events, views, byPost, counts, sink('out', [counts], { topic: 'views' })];
  },
  'stream-table-join': () => {
    const orders = source('orders');
    const usersTopic = tableSource('users');
    const users = table('users-table', [usersTopic]);
    const named = operator('active-users', [users], {
      kind: 'filter',
      table: { notVisible: null, open: () => () => null },
    });
    const join = operator('enrich', [orders], {
      kind: 'leftJoin',
      lookups: [named],
      isCopartitioned: true,
    });
    const topic = (value: unknown) => `orders.${String(value)}`;
    return [orders, usersTopic, users, named, join, sink('routed', [join], { topic })];
  },
  'split-and-merge': () => {
    const web = source('web');
    const app = source('app-events');
    const all = operator('merge-1', [web, app], { kind: 'merge' });
    const split = operator('split-1', [all], { kind: 'split' });
    const bots = operator('bots', [split], { kind: 'branch' });
    const people = operator('people', [split], { kind: 'branch' });
    return [web, app, all, split, bots, people, sink('s-1', [bots]), sink('s-2', [people])];
  },
  'repartition-to-itself': () => {
    // The same tasks write the repartition topic and read it back.
    const events = source('events');
    const bySelf = repartition('back', [events]);
    const table1 = table('latest', [bySelf], { kind: 'toTable' });
    const join = operator('with-latest', [events], {
      kind: 'join',
      lookups: [table1],
      isCopartitioned: true,
    });
    return [events, bySelf, table1, join, sink('out', [join])];
  },
};
