import type { TopologyProblem } from '../model/errors.ts';
import type { Manifest } from './manifest.ts';
import { changelogTopic, isName, repartitionTopic } from './names.ts';
import type { PlanNode, Topology } from './plan.ts';

/** One name that is taken the place of by another. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** A repartition point, with the short names of its topic. */
export interface PointRename extends Rename {
  readonly fromTopic: string;
  readonly toTopic: string;
}

/** What a topology calls otherwise than the running application, and says so. */
export interface Renames {
  readonly stores: readonly Rename[];
  readonly points: readonly PointRename[];
  /** Operators, under whose names timers and closed windows lie. */
  readonly nodes: readonly Rename[];
}

export const noRenames: Renames = { stores: [], points: [], nodes: [] };

/** An operator's old name is to be free, or two would be one. */
export function renameProblems(
  nodes: readonly PlanNode[],
  renames: ReadonlyMap<string, string>,
): TopologyProblem[] {
  const names = new Set(nodes.flatMap((node) => [node.name, ...storesOf(node)]));
  const stores = nodes.flatMap((node) => (node.type === 'operator' ? node.stores : []));
  // By the new name: operators may share a store.
  const declared = new Map(renames);
  for (const { name, renamedFrom } of stores) {
    if (renamedFrom !== undefined) declared.set(name, renamedFrom);
  }
  const taken = new Set<string>();
  return [...declared].flatMap(([to, from]): TopologyProblem[] => {
    const isTwice = taken.has(from);
    taken.add(from);
    if (!isName(from)) {
      return [
        {
          code: 'BAD_NAME',
          node: to,
          message: `'${to}' is renamed from '${from}', which is no name`,
        },
      ];
    }
    if (!names.has(from) && !isTwice) return [];
    const message = `'${to}' is renamed from '${from}', and another one has that name: it keeps its state`;
    return [{ code: 'DUPLICATE_NAME', node: to, message }];
  });
}

/** The renames that are still to be carried out: what has the new name already is passed over. */
export function pendingRenames(old: Manifest, topology: Topology): Renames {
  const { application, nodes } = topology;
  const stores = new Set(old.stores.map(({ name }) => name));
  const topics = new Set(old.internalTopics.map(({ topic }) => topic));
  const isPoint = (topic: string) => topics.has(repartitionTopic(application, topic));
  const named = renamesOf(topology);
  const carried = {
    stores: named.stores.filter(({ from, to }) => stores.has(from) && !stores.has(to)),
    points: named.points.filter(
      ({ fromTopic, toTopic }) => isPoint(fromTopic) && !isPoint(toTopic),
    ),
  };
  const isAny = carried.stores.length + carried.points.length > 0;
  const operators = nodes.filter(({ type }) => type === 'operator');
  return { ...carried, nodes: isAny ? renamed(operators, topology) : [] };
}

export function isAnyPending({ stores, points }: Renames): boolean {
  return stores.length + points.length > 0;
}

/** Old names of operators, by new ones: their timers are looked for under both. */
export function renamedNodes(topology: Topology): readonly Rename[] {
  return renamed(
    topology.nodes.filter(({ type }) => type === 'operator'),
    topology,
  );
}

/** The manifest as it would be had everything always been called as it is now. */
export function withRenames(manifest: Manifest, { stores, points }: Renames): Manifest {
  const { application } = manifest;
  const storeNames = new Map(stores.map(({ from, to }) => [from, to]));
  const pointNames = new Map(points.map(({ from, to }) => [from, to]));
  const topics = new Map([
    ...stores.map(
      ({ from, to }) =>
        [changelogTopic(application, from), changelogTopic(application, to)] as const,
    ),
    ...points.map(
      ({ fromTopic, toTopic }) =>
        [repartitionTopic(application, fromTopic), repartitionTopic(application, toTopic)] as const,
    ),
  ]);
  const nameOf = (name: string, names: ReadonlyMap<string, string>) => names.get(name) ?? name;
  return {
    ...manifest,
    internalTopics: manifest.internalTopics.map((internal) => ({
      ...internal,
      topic: nameOf(internal.topic, topics),
      owner: internal.owner === null ? null : nameOf(internal.owner, pointNames),
    })),
    stores: manifest.stores.map((store) => ({ ...store, name: nameOf(store.name, storeNames) })),
    subTopologies: manifest.subTopologies.map((part) => ({
      ...part,
      inputs: part.inputs.map((topic) => nameOf(topic, topics)),
      stores: part.stores.map((name) => nameOf(name, storeNames)),
    })),
  };
}

function renamesOf(topology: Topology): Pick<Renames, 'stores' | 'points'> {
  const { nodes } = topology;
  const definitions = nodes.flatMap((node) => (node.type === 'operator' ? node.stores : []));
  return {
    stores: definitions.flatMap(({ name: to, renamedFrom }) => {
      const from = renamedFrom ?? oldName(to, topology.renames);
      return from === null ? [] : [{ from, to }];
    }),
    points: nodes.flatMap((node): PointRename[] => {
      if (node.type !== 'repartition') return [];
      const { topicName: toTopic } = node;
      // A topic is called after its node, and something behind.
      return renamed([node], topology).map(({ from, to }) => {
        return { from, to, toTopic, fromTopic: from + toTopic.slice(to.length) };
      });
    }),
  };
}

function renamed(nodes: readonly PlanNode[], { renames }: Topology): readonly Rename[] {
  return nodes.flatMap(({ name: to }) => {
    const from = oldName(to, renames);
    return from === null ? [] : [{ from, to }];
  });
}

/** What an operator keeps beside its store is called `<operator>-<what>`, before as now. */
function oldName(name: string, renames: ReadonlyMap<string, string>): string | null {
  const own = renames.get(name);
  if (own !== undefined) return own;
  const owners = [...renames.keys()].filter((owner) => name.startsWith(`${owner}-`));
  const owner = owners.sort((a, b) => b.length - a.length)[0];
  return owner === undefined ? null : `${renames.get(owner) ?? ''}${name.slice(owner.length)}`;
}

function storesOf(node: PlanNode): readonly string[] {
  return node.type === 'operator' ? node.stores.map(({ name }) => name) : [];
}
