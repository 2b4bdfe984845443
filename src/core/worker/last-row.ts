import type { FetchedPartition, PartitionEnds, Reader, TopicPartition } from '../log/port.ts';

/** Offsets looked at first; doubled until a row is found. */
const firstSpan = 16;
const fetchOptions = { maxWaitMs: 0, maxPartitionBytes: 1024 * 1024 };

/**
 * The last committed row of a partition that keeps one row, read from the log's end backwards. Null if the
 * partition holds none.
 */
export async function lastCommittedRow(
  reader: Reader,
  place: TopicPartition,
  { logStartOffset, logEndOffset }: PartitionEnds,
): Promise<Uint8Array | null> {
  for (let span = firstSpan; ; span *= 2) {
    const from = Math.max(logStartOffset, logEndOffset - span);
    const row = await lastRow(reader, { ...place, offset: from }, logEndOffset);
    if (row !== null || from === logStartOffset) return row;
  }
}

async function lastRow(
  reader: Reader,
  from: TopicPartition & { readonly offset: number },
  endOffset: number,
): Promise<Uint8Array | null> {
  let last: Uint8Array | null = null;
  let { offset } = from;
  while (offset < endOffset) {
    const [fetched] = await reader.fetch([{ ...from, offset }], fetchOptions);
    if (fetched === undefined || fetched.nextOffset <= offset) return last;
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
