import type { AnyStoreDefinition } from '../task/state-port.ts';
import {
  changelogTopic,
  manifestTopic,
  progressTopic,
  repartitionTopic,
  timersChangelogTopic,
} from './names.ts';
import type { PlanNode, SubTopology } from './plan.ts';

export interface InternalTopic {
  readonly topic: string;
  readonly kind: 'repartition' | 'changelog' | 'timers-changelog' | 'progress' | 'manifest';
  /** The node or sub-topology it is there for; null: the application. */
  readonly owner: string | null;
  /** The store, for a changelog. */
  readonly store: string | null;
  /** The sub-topology whose tasks write it, one partition each; null: any of them. */
  readonly subTopology: string | null;
}

/** Every topic the engine needs for itself. */
export function internalTopicsOf(
  application: string,
  nodes: readonly PlanNode[],
  subTopologies: readonly SubTopology[],
): readonly InternalTopic[] {
  return [
    ...nodes
      .filter((node) => node.type === 'repartition')
      .map(({ name, topicName }) =>
        internal('repartition', repartitionTopic(application, topicName), name),
      ),
    ...subTopologies.flatMap((subTopology) => taskTopicsOf(application, subTopology)),
    internal('manifest', manifestTopic(application), null),
  ];
}

/** Topics with one partition per task of the sub-topology. */
function taskTopicsOf(application: string, subTopology: SubTopology): readonly InternalTopic[] {
  const { id, stores, hasTimers } = subTopology;
  const timers = timersChangelogTopic(application, id);
  return [
    ...stores.filter(hasOwnChangelog).map(({ name }) => ({
      ...internal('changelog', changelogTopic(application, name), ownerOf(subTopology, name)),
      store: name,
      subTopology: id,
    })),
    ...(hasTimers ? [{ ...internal('timers-changelog', timers, id), subTopology: id }] : []),
    { ...internal('progress', progressTopic(application, id), id), subTopology: id },
  ];
}

function hasOwnChangelog({ changelogTopic: source }: AnyStoreDefinition): boolean {
  return source === undefined;
}

function internal(kind: InternalTopic['kind'], topic: string, owner: string | null): InternalTopic {
  return { topic, kind, owner, store: null, subTopology: null };
}

function ownerOf({ nodes }: SubTopology, storeName: string): string | null {
  const owner = nodes.find(
    (node) => node.type === 'operator' && node.stores.some(({ name }) => name === storeName),
  );
  return owner?.name ?? null;
}
