import type { TopicPartition } from '../log/port.ts';
import { changelogTopic, timersChangelogTopic } from '../topology/names.ts';
import type { SubTopology } from '../topology/plan.ts';
import type { Changelog } from './restoration.ts';

/** Name of the raw store that keeps a task's timers. */
export const timersStore = 'timers';

/** The changelogs of a task with these inputs, with the store that each is of. */
export function changelogsOf(
  application: string,
  { id, stores, hasTimers }: SubTopology,
  partition: number,
  inputs: readonly TopicPartition[],
): readonly Changelog[] {
  const own = stores.flatMap(({ name, changelogTopic: source }): Changelog[] => {
    if (source === undefined) {
      return [{ store: name, topic: changelogTopic(application, name), partition }];
    }
    // Where the source has fewer partitions than there are tasks, the last tasks get no rows.
    const input = inputs.findIndex(({ topic }) => topic === source);
    return input < 0 ? [] : [{ store: name, topic: source, partition, input }];
  });
  const timers = { store: timersStore, topic: timersChangelogTopic(application, id), partition };
  return hasTimers ? [...own, timers] : own;
}
