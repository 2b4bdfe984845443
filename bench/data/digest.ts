import { defaultPartition } from '../../src/core/log/murmur2.ts';
import { Checksum, bytesOf } from './checksum.ts';
import { type DataSet, startMs } from './data-set.ts';

/** What tells whether another implementation makes the same records. */
export interface Digest {
  readonly dataset: string;
  readonly records: number;
  readonly valueBytes: number;
  /** Of the distances from `startMs`. */
  readonly timestampSum: number;
  readonly perPartition: readonly number[];
  readonly checksum: string;
}

export function digestOf(dataSet: DataSet, records: number, partitions: number): Digest {
  const checksum = new Checksum();
  const perPartition = new Array<number>(partitions).fill(0);
  let valueBytes = 0;
  let timestampSum = 0;
  for (let index = 0; index < records; index++) {
    const { key, value, timestamp } = dataSet.record(index);
    const partition = partitionOf(key, partitions);
    perPartition[partition] = (perPartition[partition] ?? 0) + 1;
    valueBytes += value.length;
    timestampSum += timestamp - startMs;
    checksum.add(key, value);
  }
  const sums = { valueBytes, timestampSum, perPartition, checksum: checksum.toString() };
  return { dataset: dataSet.name, records, ...sums };
}

/** Kafka's default partitioner. */
export function partitionOf(key: string | Uint8Array, partitions: number): number {
  return defaultPartition(bytesOf(key), partitions);
}
