import type { Log } from '../log/port.ts';
import { internalTopicsOf } from '../topology/internal-topics.ts';
import { withKnownIds } from '../topology/known-ids.ts';
import type { Manifest } from '../topology/manifest.ts';
import { byName } from '../topology/names.ts';
import type { Topology } from '../topology/plan.ts';
import { storedManifest } from '../worker/manifest-check.ts';
import { type Orphans, orphansOf } from './orphans.ts';

/** An application as its module and its log tell of it. */
export interface KnownApplication {
  /** With the ids that its state lies under. */
  readonly topology: Topology;
  /** Null: it never ran on this log. */
  readonly manifest: Manifest | null;
  /** The internal topics that are there, orphans apart. */
  readonly internalTopics: readonly string[];
  readonly orphans: Orphans;
}

/** Looks; changes nothing. */
export async function knownApplication(built: Topology, log: Log): Promise<KnownApplication> {
  const manifest = await storedManifest(log, built.application);
  const topology = manifest === null ? built : withKnownIds(built, manifest);
  const { application, nodes, subTopologies } = topology;
  const internal = internalTopicsOf(application, nodes, subTopologies).map(({ topic }) => topic);
  const topics = [...(await log.admin.listTopics())].sort(byName);
  return {
    topology,
    manifest,
    internalTopics: topics.filter((topic) => internal.includes(topic)),
    orphans: orphansOf(topology, internal, topics),
  };
}
