import type { PartitionLog } from './partition-log.ts';

/** The offset before which a partition's records are no longer kept; open transactions are. */
export function expiredBefore(
  partition: PartitionLog,
  settings: ReadonlyMap<string, string>,
  nowMs: number,
): number {
  const retentionMs = limitOf(settings, 'retention.ms');
  const retentionBytes = limitOf(settings, 'retention.bytes');
  const { logStartOffset, lastStableOffset } = partition.ends;
  let bytes = 0;
  for (const { byteLength } of partition.batches) bytes += byteLength;
  let offset = logStartOffset;
  for (const { nextOffset, byteLength, maxTimestamp } of partition.batches) {
    const isTooOld = maxTimestamp + retentionMs <= nowMs;
    const isTooMuch = bytes - byteLength >= retentionBytes;
    if (nextOffset > lastStableOffset || (!isTooOld && !isTooMuch)) break;
    bytes -= byteLength;
    offset = nextOffset;
  }
  return offset;
}

/** Absent or -1: no limit, whatever Kafka's default is. */
function limitOf(settings: ReadonlyMap<string, string>, name: string): number {
  const limit = Number(settings.get(name) ?? -1);
  return limit < 0 ? Infinity : limit;
}
