import { frozenTopology } from './frozen-topology.ts';
import type { Manifest, ManifestSubTopology } from './manifest.ts';
import type { SubTopology, Topology } from './plan.ts';

/**
 * The topology with its sub-topologies called as the manifest calls them. A new input can have a
 * lesser name than all others; progress and timers lie under the old one.
 */
export function withKnownIds(topology: Topology, manifest: Manifest): Topology {
  const free = new Map(manifest.subTopologies.map((known) => [known.id, known]));
  // Whoever still has its id keeps it, so that an id is never taken from its owner.
  for (const { id } of topology.subTopologies) free.delete(id);
  const known = new Set(manifest.subTopologies.map(({ id }) => id));
  const subTopologies = topology.subTopologies.map((part): SubTopology => {
    if (known.has(part.id)) return part;
    const nearest = nearestOf(part, [...free.values()]);
    if (nearest === null) return part;
    free.delete(nearest.id);
    return { ...part, id: nearest.id };
  });
  const { nodes, renames } = topology;
  return frozenTopology(topology, nodes, { subTopologies, renames });
}

/** The one that shares most inputs and stores; null where none shares any. */
function nearestOf(
  part: SubTopology,
  candidates: readonly ManifestSubTopology[],
): ManifestSubTopology | null {
  let nearest: ManifestSubTopology | null = null;
  let most = 0;
  for (const candidate of candidates) {
    const count = sharedCount(part, candidate);
    if (count > most) [nearest, most] = [candidate, count];
  }
  return nearest;
}

function sharedCount(part: SubTopology, { inputs, stores }: ManifestSubTopology): number {
  const sharedInputs = part.inputs.filter(({ topic }) => inputs.includes(topic));
  const sharedStores = part.stores.filter(({ name }) => stores.includes(name));
  return sharedInputs.length + sharedStores.length;
}
