import type { RecordBatch } from '../../src/core/log/record-batch/record-batch.ts';
import { Checksum, bytesOf } from '../data/checksum.ts';
import type { OutputRecord } from '../queries/query.ts';

/** @throws unless the records written are those expected, in whatever order. */
export function checkOutput(
  batches: readonly RecordBatch[],
  expected: Iterable<OutputRecord>,
  isLastPerKey: boolean,
): void {
  const actual = recordsIn(batches);
  const got = summary(isLastPerKey ? lastPerKey(actual) : actual);
  const wanted = summary(expected);
  if (got === wanted) return;
  throw new Error(`The output is wrong: got ${got}, expected ${wanted}.`);
}

function summary(records: Iterable<OutputRecord>): string {
  const checksum = new Checksum();
  let count = 0;
  for (const [key, value] of records) {
    checksum.add(key, value);
    count++;
  }
  return `${count} records, checksum ${checksum.toString()}`;
}

export function* recordsIn(batches: readonly RecordBatch[]): Iterable<OutputRecord> {
  for (const batch of batches) {
    for (let index = 0; index < batch.count; index++) {
      yield [batch.key(index) ?? '', batch.value(index) ?? ''];
    }
  }
}

/** Without what was deleted: no case writes empty values. */
export function lastPerKey(records: Iterable<OutputRecord>): Iterable<OutputRecord> {
  const last = new Map<string, OutputRecord>();
  for (const [key, value] of records) {
    const identity = Buffer.from(bytesOf(key)).toString('latin1');
    if (value.length > 0) last.set(identity, [key, value]);
    else last.delete(identity);
  }
  return last.values();
}
