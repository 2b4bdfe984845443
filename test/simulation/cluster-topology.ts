import {
  json,
  onClose,
  onUpdate,
  string,
  type Topology,
  TopologyBuilder,
  tumbling,
} from '../../src/index.ts';

export const application = 'cluster';
export const clicksTopic = 'clicks';
export const peopleTopic = 'people';
export const windowMs = 20;
export const graceMs = 5;

/** Written by one task a partition, so that their order is decided by the input. */
export const orderedTopics = ['visits', 'late', 'closed', 'dead-letters'];
/** Behind a repartition: tasks interleave there, and the order within a key decides nothing. */
export const countTopics = ['page-windows', 'page-totals'];
export const changelogs = ['people', 'per-person', 'page-windows', 'page-totals'].map(
  (store) => `${application}-${store}-changelog`,
);

/**
 * A stream-table join and a window with a short grace, whose late records depend on the order of
 * the input alone; then a repartition, and behind it a window with a grace longer than the input's
 * event time and an unwindowed count. Values are text that says everything.
 */
export function clusterTopology(): Topology {
  const builder = new TopologyBuilder(application, { deadLetter: 'dead-letters' });
  const people = builder.table(peopleTopic, { name: 'people', key: string(), value: string() });
  const visits = builder
    .stream(clicksTopic, { key: string(), value: json<string>(), onError: 'dead-letter' })
    .join(people, (page, city, person) => `${person} ${page} ${city}`, { value: string() });
  visits.to('visits');

  visits
    .groupByKey()
    .windowedBy(tumbling(windowMs, { grace: graceMs }))
    .count({ name: 'per-person', emit: onClose(), late: (stream) => stream.to('late') })
    .toStream()
    .mapValues((count, { key, startMs }) => `${key}@${startMs} ${count}`, { value: string() })
    .to('closed');

  const byPage = visits.groupBy(pageOf, { name: 'by-page', key: string() });
  byPage
    .windowedBy(tumbling(windowMs, { grace: '1 day' }))
    .count({ name: 'page-windows', emit: onUpdate() })
    .toStream()
    .mapValues((count, { key, startMs }) => `${key}@${startMs} ${count}`, { value: string() })
    .to('page-windows');
  byPage
    .count({ name: 'page-totals', emit: onUpdate() })
    .toStream()
    .mapValues((count, page) => `${page} ${count}`, { value: string() })
    .to('page-totals');
  return builder.build();
}

/** Of the text of a visit. */
export function pageOf(visit: string): string {
  return visit.split(' ')[1] ?? '';
}
