import type { Log } from '../log/port.ts';
import { manifestTopic } from '../topology/names.ts';
import type { KnownApplication } from './known-application.ts';

/** The topics that a reset deletes, the manifest last. */
export function topicsToReset({
  topology,
  internalTopics,
  orphans,
}: KnownApplication): readonly string[] {
  const manifest = manifestTopic(topology.application);
  const others = [...internalTopics, ...orphans.own].filter((topic) => topic !== manifest);
  return internalTopics.includes(manifest) ? [...others, manifest] : others;
}

/**
 * Forgets offsets and internal topics of an application: it then begins as if it had never run. In
 * an order in which a reset that was cut short is noticed by a start, or does it no harm: offsets,
 * what is on the way, progress, state, and the manifest when all else is gone.
 *
 * @throws {LogError} `GROUP_NOT_EMPTY`
 */
export async function resetApplication(known: KnownApplication, { admin }: Log): Promise<void> {
  const { application } = known.topology;
  const topics = topicsToReset(known);
  const isProgress = (topic: string) => topic.endsWith('-progress');
  const isOnTheWay = (topic: string) => /-(?:repartition|subscriptions|answers)$/.test(topic);
  const manifest = manifestTopic(application);
  await admin.deleteGroup(application);
  await admin.deleteTopics(topics.filter(isOnTheWay));
  await admin.deleteTopics(topics.filter(isProgress));
  const rest = topics.filter((topic) => !isOnTheWay(topic) && !isProgress(topic));
  await admin.deleteTopics(rest.filter((topic) => topic !== manifest));
  await admin.deleteTopics(rest.filter((topic) => topic === manifest));
}
