import { int64, type Log, string, windowed } from '../../src/index.ts';
import { compareWindows, type WindowCount } from './results.ts';
import { type TopicTail, tailOf, type Visit } from '../program/topic-tail.ts';

export interface CountedViewsOptions {
  readonly log: Log;
  readonly finalTopic: string;
  readonly liveTopic: string;
  readonly partitions: number;
  readonly windowMs: number;
}

/** What the output topics say, from their very start: the results of earlier starts are in them. */
export interface CountedViews {
  /** Final windows so far. */
  countFinal(): Promise<number>;
  /** Every final window, then those that are still open, each by start and page. */
  windows(): Promise<readonly WindowCount[]>;
  close(): Promise<void>;
}

export function countedViews(options: CountedViewsOptions): CountedViews {
  const { log, finalTopic, liveTopic, partitions } = options;
  const finals = tailOf(log, finalTopic, partitions);
  let finalCount = 0;
  return {
    async countFinal() {
      await finals.drain(() => {
        finalCount += 1;
      });
      return finalCount;
    },
    async windows() {
      const final = await readWindows(tailOf(log, finalTopic, partitions), options);
      const live = await readWindows(tailOf(log, liveTopic, partitions), options);
      const open = [...live].filter(([identity]) => !final.has(identity));
      return [
        ...[...final.values()].sort(compareWindows),
        ...open.map(([, window]) => ({ ...window, open: true as const })).sort(compareWindows),
      ];
    },
    close: () => finals.close(),
  };
}

/** The last value of each window in a topic, by the bytes of its key. */
async function readWindows(
  tail: TopicTail,
  { windowMs }: CountedViewsOptions,
): Promise<ReadonlyMap<string, WindowCount>> {
  const keys = windowed(string(), { sizeMs: windowMs });
  const counts = int64();
  const windows = new Map<string, WindowCount>();
  const visit: Visit = (batch, index) => {
    const keyBytes = batch.key(index);
    const valueBytes = batch.value(index);
    if (keyBytes === null) return;
    const identity = keyBytes.toString('latin1');
    if (valueBytes === null) {
      windows.delete(identity);
      return;
    }
    const { key, startMs, endMs } = keys.deserialize(keyBytes);
    const count = counts.deserialize(valueBytes);
    windows.set(identity, { key, windowStart: startMs, windowEnd: endMs, count });
  };
  await tail.drain(visit, true);
  await tail.close();
  return windows;
}
