/** Names of what the engine owns, all in one place: two of them must never be equal. */

export function changelogTopic(application: string, store: string): string {
  return `${application}-${store}-changelog`;
}

export function repartitionTopic(application: string, topicName: string): string {
  return `${application}-${topicName}`;
}

export function progressTopic(application: string, subTopology: string): string {
  return `${application}-${subTopology}-progress`;
}

export function timersChangelogTopic(application: string, subTopology: string): string {
  return `${application}-${subTopology}-timers-changelog`;
}

/** Where the rows of a sink wait for their delivery. */
export function outboxTopic(application: string, sink: string): string {
  return repartitionTopic(application, outboxName(sink));
}

/** What the outbox of a sink is called behind `<application>-`. */
export function outboxName(sink: string): string {
  return `${sink}-outbox`;
}

/** The sink that a point of the plan is the outbox of, by the topic's name; null: it is none. */
export function sinkOfOutbox(topic: string, owner: string): string | null {
  const end = outboxName('');
  return topic.endsWith(end) ? owner.slice(0, -end.length) : null;
}

export function manifestTopic(application: string): string {
  return `${application}-manifest`;
}

/** Stable per worker: a new producer under it ends what the one before has left open. */
export function transactionalId(application: string, instanceId: string): string {
  return `${application}-${instanceId}`;
}

export function taskId(subTopology: string, partition: number): string {
  return `${subTopology}-${partition}`;
}

/** Whether a topic has the name of one that the engine makes for an application. */
export function isEngineTopic(topic: string): boolean {
  return /-(changelog|repartition|subscriptions|answers|outbox|progress|manifest)$/.test(topic);
}

/** Store names the engine uses for itself in each task. */
export const reservedStoreNames: readonly string[] = ['progress', 'timers'];

const maxTopicLength = 249;

/** Whether it is a name an author may give: also part of topics and of paths. */
export function isName(name: string): boolean {
  return isTopicName(name) && name.length <= 100;
}

/** Kafka's rule for topics, less a name that breaks clients which key plain objects by topic. */
export function isTopicName(name: string): boolean {
  if (name === '.' || name === '..' || name === '__proto__') return false;
  return name.length <= maxTopicLength && /^[A-Za-z0-9._-]+$/.test(name);
}

/** Equal for names that Kafka's metrics, and therefore we, do not tell apart. */
export function foldedName(name: string): string {
  return name.replaceAll('.', '_');
}

/** Order by UTF-16 code units: the same everywhere, unlike a locale's. */
export function byName(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
