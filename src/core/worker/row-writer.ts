import type { PartitionBatch, TopicPartition, Writer } from '../log/port.ts';
import { partitionName } from '../log/partition-name.ts';
import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import type { RecordBatchBuilder } from '../log/record-batch/record-batch-builder.ts';
import type { Headers } from '../model/headers.ts';

/** A batch is sent before it grows beyond this: below what topics usually take. */
const maxBatchBytes = 256 * 1024;
/** So many batches make one transaction. */
const maxBatches = 64;

export interface RowToWrite {
  readonly timestamp: number;
  readonly key: Uint8Array | string | null;
  readonly value: Uint8Array | string | null;
  readonly headers: Headers;
}

interface Open {
  readonly place: TopicPartition;
  readonly batch: RecordBatchBuilder;
}

/** Writes many rows to partitions that nobody else writes to, transaction by transaction. */
export class RowWriter {
  private readonly open = new Map<string, Open>();
  private readonly firstOffsets = new Map<string, number>();
  private readonly nextOffsets = new Map<string, number>();
  private sent = 0;

  constructor(private readonly writer: Writer) {}

  async add(place: TopicPartition, row: RowToWrite): Promise<void> {
    const name = partitionName(place);
    const open = this.open.get(name) ?? { place, batch: createRecordBatchBuilder() };
    this.open.set(name, open);
    open.batch.append(row.timestamp, row.key, row.value, row.headers);
    if (open.batch.byteLength < maxBatchBytes) return;
    this.open.delete(name);
    await this.send([{ ...place, batch: open.batch }]);
    if (this.sent < maxBatches) return;
    await this.flush();
    await this.writer.commit();
    this.sent = 0;
  }

  /** Sends what is left, in the transaction that is open. */
  async flush(): Promise<void> {
    const batches = [...this.open.values()].map(({ place, batch }) => ({ ...place, batch }));
    this.open.clear();
    if (batches.length > 0) await this.send(batches);
  }

  /** Where the first row of this writer lies; null where it has sent none. */
  firstOffset(place: TopicPartition): number | null {
    return this.firstOffsets.get(partitionName(place)) ?? null;
  }

  /** Behind the last row of this writer; null where it has sent none. */
  nextOffset(place: TopicPartition): number | null {
    return this.nextOffsets.get(partitionName(place)) ?? null;
  }

  private async send(batches: readonly PartitionBatch[]): Promise<void> {
    const counts = batches.map(({ batch }) => batch.count);
    const receipts = await this.writer.produce(batches);
    for (const [index, receipt] of receipts.entries()) {
      const name = partitionName(receipt);
      const { baseOffset } = receipt;
      if (!this.firstOffsets.has(name)) this.firstOffsets.set(name, baseOffset);
      this.nextOffsets.set(name, baseOffset + (counts[index] ?? 0));
    }
    this.sent += batches.length;
  }
}
