import type { Topology } from '../../../src/index.ts';

export type GraphNodeKind = 'topic' | 'internal' | 'state' | 'step' | 'table';

/** What a reader of the picture wants to see of a topology. */
export interface GraphNode {
  readonly id: string;
  readonly kind: GraphNodeKind;
  readonly label: string;
  /** Whose records are counted beside it; null: it is no topic. */
  readonly topic: string | null;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** The fields of `describe({ as: 'json' })` that are drawn. */
interface Described {
  readonly nodes: readonly DescribedNode[];
  readonly subTopologies: readonly {
    readonly inputs: readonly { readonly topic: string; readonly node: string }[];
  }[];
}

interface DescribedNode {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  readonly parents: readonly string[];
  readonly stores?: readonly string[];
  readonly topic?: string | null;
}

/**
 * Topics, state, tables and forks of a topology: steps that only hand on are left out, and nodes
 * that do the same between the same neighbours become one.
 */
export function topologyGraph(topology: Topology): Graph {
  const described = JSON.parse(topology.describe({ as: 'json' })) as Described; // that format
  const children = new Map(described.nodes.map(({ name }) => [name, 0]));
  for (const parent of described.nodes.flatMap(({ parents }) => parents)) {
    children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  const inputTopics = new Map(
    described.subTopologies.flatMap(({ inputs }) => inputs.map((own) => [own.node, own.topic])),
  );
  const nodes = new Map<string, GraphNode>();
  /** By the name of each node: what is drawn for it, its own box or those before it. */
  const drawn = new Map<string, readonly string[]>();
  const edges = new Set<string>();
  for (const node of described.nodes) {
    const before = [...new Set(node.parents.flatMap((parent) => drawn.get(parent) ?? []))];
    const own = boxOf(node, children.get(node.name) ?? 0, inputTopics);
    if (own === null) {
      drawn.set(node.name, before);
      continue;
    }
    nodes.set(own.id, own);
    drawn.set(node.name, [own.id]);
    for (const from of before) edges.add(JSON.stringify([from, own.id]));
  }
  const pairs = [...edges].map((edge) => JSON.parse(edge) as [string, string]); // written above
  return merged({ nodes: [...nodes.values()], edges: pairs });
}

function boxOf(
  { name, kind, type, stores = [], topic = null }: DescribedNode,
  children: number,
  inputTopics: ReadonlyMap<string, string>,
): GraphNode | null {
  if (type === 'source' || type === 'sink') {
    const label = topic ?? name;
    return { id: `topic ${label}`, kind: 'topic', label, topic };
  }
  if (type === 'repartition') {
    return { id: name, kind: 'internal', label: name, topic: inputTopics.get(name) ?? null };
  }
  if (kind === 'sink') {
    return { id: name, kind: 'table', label: name.replace(/-delivery$/, ''), topic: null };
  }
  if (stores.length > 0) return { id: name, kind: 'state', label: name, topic: null };
  if (kind === 'judge-events') return { id: name, kind: 'step', label: 'rules', topic: null };
  if (children < 2 || kind === 'filter') return null;
  // The one fork without a state is behind the look-up of the places.
  const label = kind === 'map-values' ? 'geo' : name;
  return kind === 'map-values' ? { id: name, kind: 'step', label, topic: null } : null;
}

function merged({ nodes, edges }: Graph): Graph {
  const neighbours = (id: string) =>
    JSON.stringify([
      edges.filter(([, to]) => to === id).map(([from]) => from),
      edges.filter(([from]) => from === id).map(([, to]) => to),
    ]);
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const identity = node.kind === 'state' ? neighbours(node.id) : node.id;
    groups.set(identity, [...(groups.get(identity) ?? []), node]);
  }
  const kept = [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const more = others.length === 0 ? '' : ` +${others.length}`;
    return [{ ...first, label: `${first.label}${more}` }];
  });
  const ids = new Set(kept.map(({ id }) => id));
  return { nodes: kept, edges: edges.filter(([from, to]) => ids.has(from) && ids.has(to)) };
}
