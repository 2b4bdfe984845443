import type { PartitionBatch } from '../log/port.ts';
import type { BuilderMark, RecordBatchBuilder } from '../log/record-batch/record-batch-builder.ts';
import { createRecordBatchBuilder } from '../log/record-batch/encode-batch.ts';
import { SerdeError } from '../model/errors.ts';
import type { Headers } from '../model/headers.ts';

/** Bytes of a batch and record around key and value, at most (v2 header, varints). */
const recordOverheadBytes = 100;
/** The two lengths of a header, at most. */
const headerOverheadBytes = 10;
/** A batch is closed before it would pass this share of the log's limit. */
const batchFill = 0.9;

type Payload = Uint8Array | string | null;

/** One partition's part of the commit: full batches, then the one being filled. */
interface PartitionOutput {
  readonly topic: string;
  readonly partition: number;
  readonly maxMessageBytes: number;
  readonly builders: RecordBatchBuilder[];
  /** The unit that touched it last, and where it stood then. */
  unit: number;
  mark: OutputMark;
}

interface OutputMark {
  readonly builders: number;
  readonly last: BuilderMark;
}

/** What a task writes between two commits, by topic and partition; can be cut back by a unit. */
export class OutputCollector {
  private readonly outputs = new Map<string, PartitionOutput[]>();
  private unit = 0;
  private touched: PartitionOutput[] = [];
  private pendingBytes = 0;
  private bytesBeforeUnit = 0;

  constructor(private readonly maxMessageBytesOf: (topic: string) => number) {}

  get byteLength(): number {
    return this.pendingBytes;
  }

  /** From here on `undo` cuts back to this point. */
  beginUnit(): void {
    this.unit += 1;
    this.bytesBeforeUnit = this.pendingBytes;
    if (this.touched.length > 0) this.touched = [];
  }

  undo(): void {
    for (const output of this.touched) {
      output.builders.length = output.mark.builders;
      output.builders.at(-1)?.truncate(output.mark.last);
    }
    this.touched = [];
    this.pendingBytes = this.bytesBeforeUnit;
  }

  /** @throws {SerdeError} `RECORD_TOO_LARGE`. */
  append(
    to: PartitionOutputHandle,
    { timestamp, headers }: { readonly timestamp: number; readonly headers: Headers },
    key: Payload,
    value: Payload,
  ): void {
    const output = to as PartitionOutput; // handles are made by `outputOf` alone
    if (output.unit !== this.unit) this.touch(output);
    const builder = this.builderFor(output, sizeOf(key) + sizeOf(value) + headersSize(headers));
    const before = builder.byteLength;
    builder.append(timestamp, key, value, headers);
    this.pendingBytes += builder.byteLength - before;
  }

  /** A handle that saves the look-up per record. */
  outputOf(topic: string, partition: number): PartitionOutputHandle {
    const ofTopic = this.outputs.get(topic) ?? [];
    if (ofTopic.length === 0) this.outputs.set(topic, ofTopic);
    const known = ofTopic.find((output) => output.partition === partition);
    if (known !== undefined) return known;
    const maxMessageBytes = this.maxMessageBytesOf(topic);
    const output = {
      topic,
      partition,
      maxMessageBytes,
      builders: [],
      unit: -1,
      mark: emptyMark,
    };
    ofTopic.push(output);
    return output;
  }

  /** Everything collected, oldest first in each partition; the collector is empty afterwards. */
  drain(): PartitionBatch[] {
    const batches: PartitionBatch[] = [];
    for (const output of [...this.outputs.values()].flat()) {
      const { topic, partition } = output;
      for (const batch of output.builders) {
        if (batch.count > 0) batches.push({ topic, partition, batch });
      }
      output.builders.length = 0;
      output.unit = -1;
    }
    this.touched = [];
    this.pendingBytes = 0;
    return batches;
  }

  private touch(output: PartitionOutput): void {
    output.unit = this.unit;
    const last = output.builders.at(-1)?.mark() ?? emptyMark.last;
    output.mark = { builders: output.builders.length, last };
    this.touched.push(output);
  }

  private builderFor(output: PartitionOutput, payloadBytes: number): RecordBatchBuilder {
    const bytes = payloadBytes + recordOverheadBytes;
    const { maxMessageBytes } = output;
    if (bytes > maxMessageBytes) throw tooLarge(output, bytes, maxMessageBytes);
    const last = output.builders.at(-1);
    const hasRoom =
      last !== undefined &&
      (last.count === 0 || last.byteLength + bytes <= maxMessageBytes * batchFill);
    if (hasRoom) return last;
    const builder = createRecordBatchBuilder();
    output.builders.push(builder);
    return builder;
  }
}

/** Opaque outside of the collector. */
export interface PartitionOutputHandle {
  readonly topic: string;
  readonly partition: number;
}

const emptyMark: OutputMark = {
  builders: 0,
  last: { count: 0, byteLength: 0, maxTimestamp: 0 },
};

/** Text counts three bytes a character: the bound must hold before it is encoded. */
function sizeOf(payload: Payload): number {
  if (payload === null) return 0;
  if (typeof payload !== 'string') return payload.byteLength;
  return payload.length > 10_000 ? Buffer.byteLength(payload) : payload.length * 3;
}

function headersSize(headers: Headers): number {
  if (headers.size === 0) return 0;
  let bytes = 0;
  for (const [name, value] of headers.entries()) {
    bytes += name.length * 3 + value.length + headerOverheadBytes;
  }
  return bytes;
}

function tooLarge(output: PartitionOutput, bytes: number, maxBytes: number): SerdeError {
  return new SerdeError(
    'RECORD_TOO_LARGE',
    `A record of about ${bytes} bytes for '${output.topic}', partition ${output.partition}, is above ` +
      `the topic's limit of ${maxBytes} bytes. Write smaller values.`,
    { where: { topic: output.topic, partition: output.partition } },
  );
}
