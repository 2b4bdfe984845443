import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, Writer } from '../../src/core/log/port.ts';
import { createRecordBatchBuilder } from '../../src/core/log/record-batch/encode-batch.ts';
import { noHeaders } from '../../src/core/model/headers.ts';
import { Checksum } from '../data/checksum.ts';
import { partitionOf } from '../data/digest.ts';
import { digits, lanes } from '../data/random.ts';
import { fillTopic, type InputRecord } from '../log/fill.ts';

const batchMs = 50;
const { below } = lanes(1);

export interface InputOptions {
  readonly log: Log;
  readonly topic: string;
  readonly partitions: number;
  readonly keys: number;
}

/** A topic with a value of 100 bytes for each key, and more as long as is wanted. */
export class RestartInput {
  /** Of all that was written. */
  readonly checksum = new Checksum();
  private written = 0;
  private isLoading = false;
  private load: Promise<void> = Promise.resolve();

  constructor(private readonly options: InputOptions) {}

  async fill(): Promise<void> {
    const { log, topic, partitions, keys } = this.options;
    const records = this.records(keys, (index) => index);
    await fillTopic(log, { topic, partitions, records });
  }

  /** Writes to keys here and there until it is stopped. */
  startLoad(recordsPerSecond: number): void {
    this.isLoading = true;
    this.load = this.write(recordsPerSecond);
    this.load.catch(() => undefined); // told by `stopLoad`
  }

  async stopLoad(): Promise<void> {
    this.isLoading = false;
    await this.load;
  }

  private async write(recordsPerSecond: number): Promise<void> {
    const { log, keys } = this.options;
    const writer = await log.openWriter({ transactionalId: null, transactionTimeoutMs: 30_000 });
    const count = Math.ceil((recordsPerSecond * batchMs) / 1_000);
    while (this.isLoading) {
      await this.append(writer, [...this.records(count, (index) => below(index, 0, keys))]);
      await sleep(batchMs);
    }
    await writer.close();
  }

  private async append(writer: Writer, records: readonly InputRecord[]): Promise<void> {
    const { topic, partitions } = this.options;
    const batches = Array.from({ length: partitions }, (_, partition) => {
      return { topic, partition, batch: createRecordBatchBuilder() };
    });
    for (const { key, value, timestamp } of records) {
      batches[partitionOf(key, partitions)]?.batch.append(timestamp, key, value, noHeaders);
    }
    await writer.produce(batches.filter(({ batch }) => batch.count > 0));
  }

  private *records(count: number, keyOf: (index: number) => number): Iterable<InputRecord> {
    for (let n = 0; n < count; n++) {
      const key = `k${digits(keyOf(this.written), 12)}`;
      const value = String(this.written).padEnd(100, 'v');
      this.checksum.add(key, value);
      this.written += 1;
      yield { key, value, timestamp: Date.now() };
    }
  }
}
