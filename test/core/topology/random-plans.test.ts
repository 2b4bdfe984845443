import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildTopology } from '../../../src/core/topology/build-topology.ts';
import type { PlanNode, SubTopology } from '../../../src/core/topology/plan.ts';
import {
  operator,
  repartition,
  settings,
  sink,
  source,
  store,
  table,
} from '../../support/plan-nodes.ts';
import { propertyOptions } from '../../support/property-options.ts';

interface Step {
  readonly type: 'source' | 'operator' | 'table' | 'join' | 'shared' | 'repartition' | 'sink';
  readonly picks: readonly [number, number];
}

const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom('source', 'operator', 'table', 'join', 'shared', 'repartition', 'sink'),
  picks: fc.tuple(fc.nat(30), fc.nat(30)),
});

/** A plan that takes each step if there is something to take it on. */
function planOf(steps: readonly Step[]): readonly PlanNode[] {
  const nodes: PlanNode[] = [source('first')];
  const shared = store('shared');
  for (const [index, { type, picks }] of steps.entries()) {
    const readable = nodes.filter((node) => node.type !== 'sink');
    const tables = readable.filter((node) => node.type === 'operator' && node.table !== null);
    const [one, two] = picks.map((pick) => readable[pick % readable.length] as PlanNode) as [
      PlanNode,
      PlanNode,
    ]; // 'first' is always readable, and there are two picks
    const looked = tables[picks[1] % Math.max(1, tables.length)];
    const name = `n${index}`;
    if (type === 'source') nodes.push(source(name));
    if (type === 'operator') nodes.push(operator(name, one === two ? [one] : [one, two]));
    if (type === 'table') nodes.push(table(name, [one]));
    if (type === 'join') nodes.push(operator(name, [one], looked ? { lookups: [looked] } : {}));
    if (type === 'shared') nodes.push(operator(name, [one], { stores: [shared] }));
    if (type === 'repartition') nodes.push(repartition(name, [one]));
    if (type === 'sink') nodes.push(sink(name, [one]));
  }
  return nodes;
}

/** Ends of a node: what is written to it and what is read from it; two for a repartition only. */
const written = (node: PlanNode) => node.name;
const read = (node: PlanNode) => (node.type === 'repartition' ? `${node.name} read` : node.name);

function edgesOf(nodes: readonly PlanNode[]) {
  const records: [string, string][] = [];
  const others: [string, string][] = [];
  const sharing = nodes.filter(
    (node) => node.type === 'operator' && node.stores.some(({ name }) => name === 'shared'),
  );
  for (const node of nodes) {
    for (const parent of node.parents) records.push([read(parent), written(node)]);
    if (node.type !== 'operator') continue;
    for (const looked of node.lookups) others.push([read(looked), written(node)]);
  }
  for (const one of sharing) {
    for (const other of sharing) others.push([written(one), written(other)]);
  }
  return { records, others };
}

/** All that can be reached along the edges, in both directions: slow, and without union-find. */
function reach(start: string, edges: readonly [string, string][]): Set<string> {
  const reached = new Set([start]);
  for (let before = 0; before !== reached.size;) {
    before = reached.size;
    for (const [a, b] of edges) {
      if (reached.has(a)) reached.add(b);
      if (reached.has(b)) reached.add(a);
    }
  }
  return reached;
}

function endsOf({ inputs, nodes }: SubTopology): Set<string> {
  return new Set([...inputs.map(({ node }) => read(node)), ...nodes.map(written)]);
}

const plan = fc.array(step, { maxLength: 14 }).map(planOf);

it('a sub-topology holds exactly what records, lookups and shared stores connect', () => {
  const law = fc.property(plan, (nodes) => {
    const { records, others } = edgesOf(nodes);
    const { subTopologies } = buildTopology(settings(), nodes);
    const seen: string[] = [];
    for (const part of subTopologies) {
      const ends = endsOf(part);
      seen.push(...ends);
      const [first = ''] = ends;
      expect(ends).toEqual(reach(first, [...records, ...others]));
    }
    expect(new Set(seen).size).toBe(seen.length);
    for (const node of nodes) expect(seen).toContain(written(node));
    expect(new Set(subTopologies.map(({ id }) => id)).size).toBe(subTopologies.length);
  });
  fc.assert(law, propertyOptions(300));
});

it('a time domain is what records alone connect', () => {
  const law = fc.property(plan, (nodes) => {
    const { records } = edgesOf(nodes);
    for (const { inputs, timeDomains } of buildTopology(settings(), nodes).subTopologies) {
      for (const { node } of inputs) {
        const reached = reach(read(node), records);
        for (const { node: other } of inputs) {
          const sameDomain = timeDomains.get(node.name) === timeDomains.get(other.name);
          expect(sameDomain).toBe(reached.has(read(other)));
        }
      }
    }
  });
  fc.assert(law, propertyOptions(300));
});
