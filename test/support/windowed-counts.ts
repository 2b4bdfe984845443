import { compareManifests } from '../../src/core/topology/compare-manifests.ts';
import { manifestOf } from '../../src/core/topology/manifest.ts';
import { partitionCounts } from '../../src/core/topology/partition-counts.ts';
import {
  every,
  onClose,
  onCommit,
  onUpdate,
  type SessionWindows,
  type SlidingWindows,
  string,
  type TimeWindows,
  type Topology,
  TopologyBuilder,
  type WindowedAggregationOptions,
} from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import type { at } from './records.ts';

type Windows = TimeWindows | SlidingWindows | SessionWindows;
type Options = Omit<WindowedAggregationOptions<string, string>, 'name'>;

/** Every emission policy. */
export const policies = { onUpdate, onClose, onCommit, every: () => every(7) };

/** The values of `in`, grouped by their keys and cut into windows. */
function windowedIn(builder: TopologyBuilder, windows: Windows) {
  const grouped = builder.stream('in', { key: string(), value: string() }).groupByKey();
  return windows.kind === 'session' ? grouped.windowedBy(windows) : grouped.windowedBy(windows);
}

/** Counts the records of `in` into `out`. */
export function counting(windows: Windows, options: Options = {}): Topology {
  const builder = new TopologyBuilder('test');
  windowedIn(builder, windows)
    .count({ name: 'counts', ...options })
    .toStream()
    .to('out');
  return builder.build();
}

/** Each count looks up that of its own window in a table of another policy. */
export function lookingUp(windows: Windows, options: Options): Topology {
  const builder = new TopologyBuilder('test');
  const windowed = windowedIn(builder, windows);
  const table = windowed.count({ name: 'table', ...options });
  windowed
    .count({ name: 'asking' })
    .toStream()
    .leftJoin(table, (own, found) => `${own ?? '-'} sees ${found ?? '-'}`, { value: string() })
    .to('out');
  return builder.build();
}

/** What is seen by such counts, with a commit behind the record of that index. */
export function seen(
  topology: Topology,
  records: readonly ReturnType<typeof at>[],
  commitAfter = -1,
): readonly unknown[] {
  const driver = new TopologyTestDriver(topology, { commit: 'manual' });
  for (const [index, record] of records.entries()) {
    driver.send('in', record);
    if (index === commitAfter) driver.commit();
  }
  driver.commit();
  return driver.read('out').map(({ value }) => value);
}

/** Why rows of these windows would not be taken over by others. */
export function refusals(before: Windows, next: Windows): readonly string[] {
  const manifest = (windows: Windows) => {
    const topology = counting(windows);
    return manifestOf(topology, partitionCounts(topology, new Map([['in', 1]])), 'any');
  };
  const found = compareManifests(manifest(before), manifest(next)).refusals;
  return [...new Set(found.map(({ code }) => code))];
}
