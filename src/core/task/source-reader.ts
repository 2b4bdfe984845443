import type { RecordBatch } from '../log/record-batch/record-batch.ts';
import { isTime } from '../model/duration.ts';
import type { DropReason } from '../model/drop-reason.ts';
import { MillraceError, SerdeError, WorkerError } from '../model/errors.ts';
import { messageOf } from '../model/message-of.ts';
import type { StreamRecord } from '../model/record.ts';
import type { Clock } from '../runtime/runtime.ts';
import { preparation } from '../serde/preparation.ts';
import type { Serde } from '../serde/serde.ts';
import type { InputTopic, SourceNode, TimestampExtractor } from '../topology/plan.ts';
import { unknownTimeMs } from './event-clock.ts';

/** What a source does with a record that cannot be taken. */
export interface SourceRefusals {
  /** Returns if the record is to be passed over; throws if the worker must stop. */
  refuse(error: MillraceError): void;
  drop(record: StreamRecord<unknown, unknown>, reason: DropReason): void;
}

export interface SourceReaderOptions {
  readonly clock: Clock;
  /** For sources that do not say how far ahead of the clock a timestamp may be. */
  readonly defaultMaxFutureMs: number | 'off';
}

/** Turns bytes into records of one input; refuses what must not advance any time. */
export interface SourceReader {
  /** Null: refused, and already told. */
  read(
    batch: RecordBatch,
    index: number,
    partitionTimeMs: number,
  ): StreamRecord<unknown, unknown> | null;
  /** What has to be waited for before the record is read, or null. Null itself: never anything. */
  readonly prepare: ((batch: RecordBatch, index: number) => Promise<unknown> | null) | null;
}

export function sourceReader(
  { topic, node }: InputTopic,
  { clock, defaultMaxFutureMs }: SourceReaderOptions,
  refusals: SourceRefusals,
): SourceReader {
  const decode = recordDecoder(node.key, node.value, topic);
  if (node.type === 'repartition') return { read: decode, prepare: null };
  const maxFutureMs = node.maxFutureMs ?? defaultMaxFutureMs;
  const timestampOf = timestampReader(node.timestamps, clock);
  let latestMs = -1;
  const prepare = preparation(node.key, node.value);
  const isPlain = node.timestamps.kind === 'record-time';
  return {
    prepare: prepare && ((batch, index) => prepare(batch.key(index), batch.value(index))),
    read(batch, index, partitionTimeMs) {
      let record: StreamRecord<unknown, unknown>;
      let timestamp: number;
      try {
        record = decode(batch, index);
        timestamp = isPlain ? record.timestamp : timestampOf(record, partitionTimeMs);
      } catch (error) {
        // Not the record's fault: no policy for records is asked.
        if (error instanceof WorkerError) throw error;
        refusals.refuse(undecodable(error, node, batch.offset(index)));
        return null;
      }
      if (!isTime(timestamp)) {
        timestamp = resolveInvalid(node, batch.offset(index), partitionTimeMs);
        if (timestamp === unknownTimeMs) {
          refusals.drop(record, 'invalid-timestamp');
          return null;
        }
      }
      // The clock is read only when its last reading would not let the record pass.
      if (maxFutureMs !== 'off' && timestamp > latestMs) {
        latestMs = clock.wallClockTimeMs() + maxFutureMs;
        if (timestamp > latestMs) {
          refusals.drop(record, 'future');
          return null;
        }
      }
      return timestamp === record.timestamp ? record : { ...record, timestamp };
    },
  };
}

function recordDecoder(key: Serde<unknown>, value: Serde<unknown>, topic: string) {
  const decodeKey = rangeReader(key);
  const decodeValue = rangeReader(value);
  return (batch: RecordBatch, index: number): StreamRecord<unknown, unknown> => {
    const keyStart = batch.keyStart(index);
    const valueStart = batch.valueStart(index);
    let part = 'key';
    try {
      const ownKey = keyStart < 0 ? null : decodeKey(batch.buffer, keyStart, batch.keyEnd(index));
      part = 'value';
      const ownValue =
        valueStart < 0 ? null : decodeValue(batch.buffer, valueStart, batch.valueEnd(index));
      return {
        key: ownKey,
        value: ownValue,
        timestamp: batch.timestamp(index),
        headers: batch.headers(index),
      };
    } catch (cause) {
      if (cause instanceof WorkerError) throw cause;
      const code = cause instanceof MillraceError ? cause.code : 'DESERIALIZATION';
      const reason = messageOf(cause);
      throw new SerdeError(code, `Cannot deserialize the ${part} of '${topic}': ${reason}`, {
        cause,
      });
    }
  };
}

function rangeReader(serde: Serde<unknown>) {
  if (serde.deserializeRange !== undefined) return serde.deserializeRange.bind(serde);
  return (buffer: Buffer, start: number, end: number) =>
    serde.deserialize(buffer.subarray(start, end));
}

function timestampReader({ kind, extract }: TimestampExtractor, clock: Clock) {
  if (kind === 'wall-clock' || extract === undefined) return () => clock.wallClockTimeMs();
  // A tombstone has no value to take a time from: it keeps the record's own.
  return ({ value, key, timestamp }: StreamRecord<unknown, unknown>, partitionTimeMs: number) =>
    value === null ? timestamp : extract(value, key, partitionTimeMs);
}

/** The time to use instead, or `unknownTimeMs` to drop the record. */
function resolveInvalid(node: SourceNode, offset: number, partitionTimeMs: number): number {
  if (node.onInvalidTimestamp === 'partition-time') return partitionTimeMs;
  if (node.onInvalidTimestamp === 'drop') return unknownTimeMs;
  throw new SerdeError(
    'INVALID_TIMESTAMP',
    `A record of '${node.topic}' at offset ${offset} has no usable timestamp ` +
      `(node '${node.name}'). Fix the producer, or choose onInvalidTimestamp 'drop'.`,
    { where: { node: node.name, topic: node.topic, offset } },
  );
}

function undecodable(error: unknown, node: SourceNode, offset: number): SerdeError {
  const cause = error instanceof SerdeError ? error.cause : error;
  const code = error instanceof MillraceError ? error.code : 'DESERIALIZATION';
  const message = messageOf(error);
  return new SerdeError(
    code,
    `${message} (offset ${offset}, node '${node.name}'). ` +
      'Fix the producer, or set a dead-letter topic.',
    { where: { node: node.name, topic: node.topic, offset }, cause },
  );
}
