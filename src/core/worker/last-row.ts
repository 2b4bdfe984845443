import type { FetchedPartition, Log, PartitionEnds, Reader, TopicPartition } from '../log/port.ts';

/** Offsets looked at first; doubled until a row is found. */
const firstSpan = 16;
/** A fetch that an open transaction holds back waits this long before it looks around. */
const fetchOptions = { maxWaitMs: 100, maxPartitionBytes: 1024 * 1024 };

export interface RowPlace extends TopicPartition {
  /** Null is answered where they are not known. */
  readonly ends: PartitionEnds | undefined;
}

/**
 * The last committed row of a partition that keeps one row, read from the log's end backwards. Null
 * if the partition holds none. Waits for transactions that are open before its end: a row that was
 * committed behind one must not be missed.
 */
export async function lastCommittedRow(
  reader: Reader,
  { topic, partition, ends }: RowPlace,
  isCancelled: () => boolean = () => false,
): Promise<Uint8Array | null> {
  if (ends === undefined) return null;
  const { logStartOffset, logEndOffset } = ends;
  for (let span = firstSpan; !isCancelled(); span *= 2) {
    const offset = Math.max(logStartOffset, logEndOffset - span);
    const from = { topic, partition, offset };
    const row = await lastRow(reader, from, { endOffset: logEndOffset, isCancelled });
    if (row !== null || offset === logStartOffset) return row;
  }
  return null;
}

/** The same with a reader of its own. */
export async function readLastRow(log: Log, place: RowPlace): Promise<Uint8Array | null> {
  const reader = log.openReader({ isolation: 'read-committed' });
  try {
    return await lastCommittedRow(reader, place);
  } finally {
    await reader.close();
  }
}

async function lastRow(
  reader: Reader,
  from: TopicPartition & { readonly offset: number },
  { endOffset, isCancelled }: { readonly endOffset: number; readonly isCancelled: () => boolean },
): Promise<Uint8Array | null> {
  let last: Uint8Array | null = null;
  let { offset } = from;
  while (offset < endOffset && !isCancelled()) {
    const [fetched] = await reader.fetch([{ ...from, offset }], fetchOptions);
    if (fetched === undefined || fetched.nextOffset <= offset) continue;
    last = rowIn(fetched, from.offset) ?? last;
    offset = fetched.nextOffset;
  }
  return last;
}

function rowIn({ batches }: FetchedPartition, fromOffset: number): Uint8Array | null {
  let row: Uint8Array | null = null;
  for (const batch of batches) {
    for (let index = 0; index < batch.count; index += 1) {
      if (batch.offset(index) >= fromOffset) row = batch.value(index) ?? row;
    }
  }
  return row;
}
