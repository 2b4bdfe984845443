import type { Log, RecordBatch } from '../../src/index.ts';

const maxPartitionBytes = 4 * 1024 * 1024;
const waitMs = 20;

/** Called for each record: its batch and its index there. */
export type Visit = (batch: RecordBatch, index: number) => void;

/** Reads the committed records of a whole topic, each once. */
export interface TopicTail {
  /**
   * All records that are there and were not visited before; with `waits` also those whose
   * transaction is open or has been committed only now, so that its end is not everywhere yet.
   */
  drain(visit: Visit, waits?: boolean): Promise<void>;
  close(): Promise<void>;
}

export function tailOf(log: Log, topic: string, partitions: number): TopicTail {
  const reader = log.openReader({ isolation: 'read-committed' });
  const offsets = new Map(Array.from({ length: partitions }, (_, partition) => [partition, 0]));
  return {
    async drain(visit, waits = false) {
      const behind = new Set(offsets.keys());
      // Where the log ended when this began: what is written meanwhile is the next drain's.
      const logEnds = new Map<number, number>();
      while (behind.size > 0) {
        const requests = [...behind].map((partition) => ({
          topic,
          partition,
          offset: offsets.get(partition) ?? 0,
        }));
        const maxWaitMs = waits && logEnds.size > 0 ? waitMs : 0;
        for (const fetched of await reader.fetch(requests, { maxWaitMs, maxPartitionBytes })) {
          const { logEndOffset, lastStableOffset } = fetched.ends;
          const logEnd = logEnds.get(fetched.partition) ?? logEndOffset;
          logEnds.set(fetched.partition, logEnd);
          const from = offsets.get(fetched.partition) ?? 0;
          for (const batch of fetched.batches) visitFrom(batch, from, visit);
          offsets.set(fetched.partition, fetched.nextOffset);
          const end = waits ? logEnd : Math.min(logEnd, lastStableOffset);
          if (fetched.nextOffset >= end) behind.delete(fetched.partition);
        }
      }
    },
    close: () => reader.close(),
  };
}

/** A fetch answers whole batches, which may begin before the offset asked for. */
function visitFrom(batch: RecordBatch, from: number, visit: Visit): void {
  for (let index = 0; index < batch.count; index += 1) {
    if (batch.offset(index) >= from) visit(batch, index);
  }
}
