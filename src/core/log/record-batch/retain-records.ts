import { BatchField, headerBytes, lengthOverheadBytes, writeLongAt } from './batch-header.ts';
import { writeCrc } from './encode-batch.ts';
import type { RecordBatch } from './record-batch.ts';
import { VarintReader } from './varint.ts';

/**
 * The batch with only the records that `keep` says yes to, as compaction writes it: the offsets it
 * covers and its base timestamp stay. The same buffer if nothing is left out.
 */
export function retainRecords(batch: RecordBatch, keep: (index: number) => boolean): Buffer {
  const { buffer } = batch;
  const reader = new VarintReader(buffer, headerBytes, { offset: batch.baseOffset });
  const kept: Buffer[] = [buffer.subarray(0, headerBytes)];
  let maxTimestamp = -1;
  for (let index = 0; index < batch.count; index++) {
    const start = reader.position;
    const length = reader.int();
    reader.position += length;
    if (!keep(index)) continue;
    kept.push(buffer.subarray(start, reader.position));
    maxTimestamp = Math.max(maxTimestamp, batch.timestamp(index));
  }
  const count = kept.length - 1;
  if (count === batch.count) return buffer;
  const retained = Buffer.concat(kept);
  retained.writeInt32BE(retained.length - lengthOverheadBytes, BatchField.batchLength);
  writeLongAt(retained, BatchField.maxTimestamp, maxTimestamp);
  retained.writeInt32BE(count, BatchField.recordCount);
  writeCrc(retained);
  return retained;
}
