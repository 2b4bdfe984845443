import type { Log, NewTopic, TopicDescription } from '../log/port.ts';
import { countedTopics, type CountedTopic } from '../topology/partition-counts.ts';
import type { Topology } from '../topology/plan.ts';
import { countPartitions, newTopic } from '../worker/topic-setup.ts';

/** An internal topic: what it is to be, and what it is. */
export interface TopicReport {
  readonly wanted: NewTopic;
  readonly kind: CountedTopic['kind'];
  readonly owner: string | null;
  readonly isMissing: boolean;
  /** What keeps a worker from starting. */
  readonly mismatches: readonly string[];
  /** Settings that differ from what the engine would give: its user's to change. */
  readonly differences: readonly string[];
}

/** @throws {TopologyError} `TOPIC_MISSING`, `NOT_COPARTITIONED`, of the topics that are read. */
export async function topicReports(topology: Topology, log: Log): Promise<readonly TopicReport[]> {
  const counted = countedTopics(topology, await countPartitions(topology, log));
  const names = counted.map(({ topic }) => topic);
  const wanted = counted.map(newTopic);
  const settingNames = [...new Set(wanted.flatMap(({ settings }) => Object.keys(settings)))];
  const found = await log.admin.describeTopics(names);
  const settings = await log.admin.topicSettings([...found.keys()], settingNames);
  return counted.map((topic, index) => {
    const made = wanted[index] ?? newTopic(topic);
    const is = found.get(topic.topic);
    return {
      wanted: made,
      kind: topic.kind,
      owner: topic.owner,
      isMissing: is === undefined,
      mismatches: is === undefined ? [] : mismatchesOf(made, is),
      differences: differencesOf(made, settings.get(topic.topic)),
    };
  });
}

function mismatchesOf(wanted: NewTopic, found: TopicDescription): string[] {
  const { partitions, cleanup } = found;
  return [
    ...(partitions === wanted.partitions
      ? []
      : [`${partitions} partitions instead of ${wanted.partitions}`]),
    ...(cleanup === wanted.cleanup
      ? []
      : [`cleanup.policy=${cleanup} instead of ${wanted.cleanup}`]),
  ];
}

function differencesOf(
  { settings }: NewTopic,
  found: ReadonlyMap<string, string> | undefined,
): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const is = found?.get(name);
    // The clean-up is judged above; a setting that an old broker does not know is not told.
    if (is === undefined || is === value || name === 'cleanup.policy') return [];
    return [`${name}=${is} instead of ${value}`];
  });
}
