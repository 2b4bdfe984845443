import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchedPartition, Log } from '../../../src/core/log/port.ts';
import { overriding } from '../overriding.ts';

const maxPartitionBytes = 4 * 1024;

/** How quickly a worker gets its input; may change while it works. */
export interface Pace {
  recordsPerSecond: number;
}

/** The log with input coming in slowly, so that a run lasts as long as there is to disturb. */
export function pacedLog(log: Log, pace: Pace): Log {
  return overriding(log, {
    openReader(options) {
      const reader = log.openReader(options);
      return overriding(reader, {
        async fetch(requests, fetchOptions) {
          // A restore reads one partition at a time and in large pieces; it is not slowed down.
          if (fetchOptions.maxPartitionBytes > 1024 * 1024) {
            return reader.fetch(requests, fetchOptions);
          }
          const fetched = await reader.fetch(requests, { ...fetchOptions, maxPartitionBytes });
          await sleep((1_000 * countOf(fetched)) / pace.recordsPerSecond);
          return fetched;
        },
      });
    },
  });
}

function countOf(fetched: readonly FetchedPartition[]): number {
  return fetched.flatMap(({ batches }) => batches).reduce((sum, { count }) => sum + count, 0);
}
