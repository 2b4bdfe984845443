import { partitionName } from '../partition-name.ts';
import type { CommittedOffset, OffsetToCommit, TopicPartition } from '../port.ts';
import type { LogStorage } from './log-storage.ts';
import { offsetRow } from './row-keys.ts';

interface Kept {
  readonly place: TopicPartition;
  readonly committed: CommittedOffset;
}

/** The offsets that groups have committed. */
export class CommittedOffsets {
  /** By group, then by topic and partition. */
  private readonly groups = new Map<string, Map<string, Kept>>();

  constructor(private readonly storage: LogStorage) {}

  get(group: string, place: TopicPartition): CommittedOffset | null {
    return this.groups.get(group)?.get(partitionName(place))?.committed ?? null;
  }

  set(group: string, { topic, partition, offset, metadata }: OffsetToCommit): void {
    const place = { topic, partition };
    this.storage.putRow(offsetRow(group, place), JSON.stringify({ offset, metadata }));
    this.remember(group, place, { offset, metadata });
  }

  forgetGroup(group: string): void {
    for (const { place } of this.groups.get(group)?.values() ?? []) {
      this.storage.deleteRow(offsetRow(group, place));
    }
    this.groups.delete(group);
  }

  forgetTopic(topic: string): void {
    for (const [group, offsets] of this.groups) {
      for (const [name, { place }] of offsets) {
        if (place.topic !== topic) continue;
        offsets.delete(name);
        this.storage.deleteRow(offsetRow(group, place));
      }
    }
  }

  /** An offset of an earlier life. */
  reload(group: string, place: TopicPartition, row: string): void {
    this.remember(group, place, JSON.parse(row) as CommittedOffset); // written by `set`
  }

  private remember(group: string, place: TopicPartition, committed: CommittedOffset): void {
    const offsets = this.groups.get(group) ?? new Map<string, Kept>();
    this.groups.set(group, offsets);
    offsets.set(partitionName(place), { place, committed });
  }
}
