import type { TopicPartition } from '../../port.ts';

export interface TopicEntries<Entry> {
  readonly topic: string;
  readonly partitions: readonly Entry[];
}

/** As requests name partitions: by topic, each once. */
export function byTopic<Place extends TopicPartition, Entry>(
  places: readonly Place[],
  entryOf: (place: Place) => Entry,
): readonly TopicEntries<Entry>[] {
  const topics = new Map<string, Entry[]>();
  for (const place of places) {
    const entries = topics.get(place.topic);
    if (entries === undefined) topics.set(place.topic, [entryOf(place)]);
    else entries.push(entryOf(place));
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
