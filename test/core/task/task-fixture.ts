import { createRecordBatchBuilder } from '../../../src/core/log/record-batch/encode-batch.ts';
import { decodeBatch } from '../../../src/core/log/record-batch/decode-batch.ts';
import type { RecordBatch } from '../../../src/core/log/record-batch/record-batch.ts';
import type { FetchedPartition } from '../../../src/core/log/port.ts';
import { type Headers, noHeaders } from '../../../src/core/model/headers.ts';
import { invariant } from '../../../src/core/model/invariant.ts';
import { isPromise, type MaybePromise } from '../../../src/core/model/maybe-promise.ts';
import type { RawStore, LocalState } from '../../../src/core/task/state-port.ts';
import { memoryBackend } from '../../../src/state/memory/memory-backend.ts';

export interface RawInput {
  readonly key?: Uint8Array | string | null;
  readonly value?: Uint8Array | string | null;
  readonly timestamp?: number;
  readonly headers?: Headers;
}

/** A batch as a fetch gives it. */
export function batchAt(baseOffset: number, records: readonly RawInput[]): RecordBatch {
  const builder = createRecordBatchBuilder();
  for (const { key = null, value = null, timestamp = 0, headers = noHeaders } of records) {
    builder.append(timestamp, key, value, headers);
  }
  const stamp = { producerId: -1, producerEpoch: -1, baseSequence: -1, isTransactional: false };
  return decodeBatch(builder.finish({ ...stamp, baseOffset }));
}

/** What was fetched of partition 0; its end is where the batches end. */
export function fetchedOf(
  topic: string,
  batches: readonly RecordBatch[],
  nextOffset = batches.at(-1)?.nextOffset ?? 0,
  endOffset = nextOffset,
): FetchedPartition {
  const ends = { logStartOffset: 0, lastStableOffset: endOffset, logEndOffset: endOffset };
  return { topic, partition: 0, batches, nextOffset, ends };
}

/** The answer, which is there at once. */
export function now<T>(answer: MaybePromise<T>): T {
  invariant(!isPromise(answer), 'On memory everything is there at once.');
  return answer;
}

/** The state of a task in memory, with one raw store. */
export function memoryState(): LocalState {
  const names = { application: 'app', taskId: 'in-0', stores: [], rawStores: ['timers'] };
  return now(memoryBackend().open({ ...names, maxCacheBytes: 2 ** 20 }));
}

/** The same store, whose scans answer later, as those on a disk do. */
export function slowScans(store: RawStore): RawStore {
  return {
    get: (key) => store.get(key),
    put: (key, value) => store.put(key, value),
    openScan(range) {
      const cursor = store.openScan(range);
      return {
        next: async (maxEntries) => cursor.next(maxEntries),
        close: async () => cursor.close(),
      };
    },
  };
}

/** Makes what was written the committed state. */
export function commitState(state: LocalState, commitNumber = 1): void {
  state.drain({ change: () => undefined });
  now(state.write({ commitNumber, changelogs: new Map(), committedAtMs: 0 }));
}
