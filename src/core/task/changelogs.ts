import { changelogTopic, timersChangelogTopic } from '../topology/names.ts';
import type { SubTopology } from '../topology/plan.ts';
import type { Changelog } from './restoration.ts';

/** Name of the raw store that keeps a task's timers. */
export const timersStore = 'timers';

/** The changelogs of a task, with the store that each is of. */
export function changelogsOf(
  application: string,
  { id, stores, hasTimers }: SubTopology,
  partition: number,
): readonly Changelog[] {
  const own = stores.map(({ name }) => ({
    store: name,
    topic: changelogTopic(application, name),
    partition,
  }));
  const timers = { store: timersStore, topic: timersChangelogTopic(application, id), partition };
  return hasTimers ? [...own, timers] : own;
}
