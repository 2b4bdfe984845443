import { isEngineTopic, manifestTopic } from '../topology/names.ts';
import type { Topology } from '../topology/plan.ts';

export interface Orphans {
  /** Internal topics of the application that its topology has no use for. */
  readonly own: readonly string[];
  /** Topics that by their names may be of another application too, with its name. */
  readonly doubtful: readonly { readonly topic: string; readonly application: string }[];
}

/**
 * The application's leftovers among the topics of a log. Names alone decide, and those of an
 * application `a-b` begin like those of `a`: where another application has a manifest, what may be
 * its own is left to it.
 */
export function orphansOf(
  { application, nodes }: Topology,
  internal: readonly string[],
  topics: readonly string[],
): Orphans {
  const used = new Set([
    ...internal,
    ...nodes.flatMap((node) => ('topic' in node ? [node.topic] : [])),
  ]);
  const candidates = topics.filter((topic) => {
    const isOurs = topic.startsWith(`${application}-`) && isEngineTopic(topic);
    return isOurs && !used.has(topic) && !isManifest(topic);
  });
  const others = topics.flatMap((topic) => {
    const other = isManifest(topic) ? topic.slice(0, -manifestSuffix.length) : application;
    return other.startsWith(`${application}-`) ? [other] : [];
  });
  const ownerOf = (topic: string) => others.find((other) => topic.startsWith(`${other}-`));
  return {
    own: candidates.filter((topic) => ownerOf(topic) === undefined),
    doubtful: candidates.flatMap((topic) => {
      const other = ownerOf(topic);
      return other === undefined ? [] : [{ topic, application: other }];
    }),
  };
}

const manifestSuffix = manifestTopic('');

function isManifest(topic: string): boolean {
  return topic.endsWith(manifestSuffix);
}
