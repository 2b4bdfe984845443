import {
  embedded,
  memoryBackend,
  number,
  run,
  type Sink,
  string,
  TopologyBuilder,
} from '../../src/index.ts';
import { createRecordBatchBuilder } from '../../src/core/log/record-batch/encode-batch.ts';
import type { Log } from '../../src/core/log/port.ts';
import { noHeaders } from '../../src/core/model/headers.ts';
import { untilCommitted } from '../log/progress.ts';
import { partitionsOf } from '../log/read-topic.ts';
import { type BenchRow, rowOf } from './bench-rows.ts';

const application = 'bench';
export const outboxTopic = `${application}-bench-outbox`;

export interface FilledOutbox {
  readonly log: Log;
  /** Lets the delivery begin; resolves with the milliseconds until all rows are applied. */
  deliver(): Promise<number>;
  close(): Promise<void>;
}

export interface OutboxSize {
  readonly rows: number;
  readonly partitions: number;
}

/** A worker that has written all rows to the outbox, and may not deliver them yet. */
export async function filledOutbox(
  sink: Sink<BenchRow>,
  { rows, partitions }: OutboxSize,
): Promise<FilledOutbox> {
  const log = embedded({ partitions });
  await writeNumbers(log, { rows, partitions });
  const gate = heldSink(sink, rows);
  const builder = new TopologyBuilder(application);
  builder.stream('in', { key: string(), value: number() }).mapValues(rowOf).toSink(gate.sink);
  const worker = await run(builder.build(), { log, state: memoryBackend() });
  const inputs = await partitionsOf(log, 'in');
  await untilCommitted(log, { group: application, partitions: inputs, target: rows, worker });
  return {
    log,
    async deliver() {
      const startMs = performance.now();
      gate.open();
      await Promise.race([gate.isDone, worker.finished]);
      return performance.now() - startMs;
    },
    async close() {
      gate.open();
      await worker.close();
      await log.close();
    },
  };
}

/** The sink, which opens only once it is let, and tells when it has got all rows. */
function heldSink(inner: Sink<BenchRow>, rows: number) {
  let open: () => void = () => undefined;
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  let left = rows;
  let finish: () => void = () => undefined;
  const isDone = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const sink: Sink<BenchRow> = {
    ...inner,
    connect(place) {
      const connection = inner.connect(place);
      return {
        async open(signal) {
          await isOpen;
          return connection.open(signal);
        },
        async apply(batch) {
          const outcome = await connection.apply(batch);
          left -= batch.rows.length;
          if (left === 0) finish();
          return outcome;
        },
        close: () => connection.close(),
      };
    },
  };
  return { sink, isDone, open: () => open() };
}

const batchRecords = 1_000;

async function writeNumbers(log: Log, { rows, partitions }: OutboxSize): Promise<void> {
  const { serialize } = number();
  await log.admin.createTopics([{ topic: 'in', partitions, cleanup: 'delete', settings: {} }]);
  const writer = await log.openWriter({ transactionalId: null, transactionTimeoutMs: 30_000 });
  for (let first = 0; first < rows; first += batchRecords) {
    const batch = createRecordBatchBuilder();
    for (let id = first; id < Math.min(rows, first + batchRecords); id++) {
      batch.append(1_700_000_000_000 + id, `k${id}`, serialize(id), noHeaders);
    }
    const partition = (first / batchRecords) % partitions;
    await writer.produce([{ topic: 'in', partition, batch }]);
  }
  await writer.close();
}
