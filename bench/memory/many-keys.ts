import { join } from 'node:path';
import type { Log, TopicPartition } from '../../src/core/log/port.ts';
import { committedBatches } from '../../src/core/log/committed-batches.ts';
import {
  embedded,
  int64,
  onCommit,
  run,
  string,
  type Topology,
  TopologyBuilder,
  type Worker,
} from '../../src/index.ts';
import { startMs } from '../data/data-set.ts';
import { hex, mix } from '../data/random.ts';
import { fillTopic, type InputRecord } from '../log/fill.ts';
import { committedRecords, untilCommitted } from '../log/progress.ts';
import { partitionsOf } from '../log/read-topic.ts';
import { withStateDir } from '../measure/measure-engine.ts';
import { outputTopic } from '../queries/query.ts';

const group = 'many-keys';
const inputTopic = 'in';
const partitions = 4;
/** The log's, which with Kafka is another process: it is the state that is looked at. */
const maxCacheBytes = 16 * 1024 * 1024;
/** Made at once, and how far the input may be ahead of the worker. */
const portion = 50_000;
const maxAhead = 4 * portion;
/** Keys that come a second time, from all over: their rows must still be there. */
const probes = 1_000;

export interface ManyKeysResult {
  readonly keys: number;
  readonly seconds: number;
  /** How often each count was written. */
  readonly written: ReadonlyMap<number, number>;
}

/**
 * Counts that many distinct keys, in an order that is none, through a log and state on disk. The
 * input is made while it is read, so that it takes no memory.
 */
export async function countManyKeys(
  keys: number,
  onPortion: (records: number) => void,
): Promise<ManyKeysResult> {
  return withStateDir(async (directory) => {
    const log = embedded({ directory: join(directory, 'log'), partitions, maxCacheBytes });
    await fillTopic(log, { topic: inputTopic, partitions, records: [] });
    const worker = await run(counts(), {
      log,
      stateDir: join(directory, 'state'),
      commitInterval: '100ms',
      guarantee: 'exactly-once',
    });
    const start = performance.now();
    const input = { log, worker, partitions: await partitionsOf(log, inputTopic) };
    for (let from = 0; from < keys; from += portion) {
      await append(input, recordsFrom(from, Math.min(from + portion, keys)));
      onPortion(await caughtUpTo(input, from - maxAhead));
    }
    await caughtUpTo(input, keys);
    const seconds = (performance.now() - start) / 1_000;
    await append(input, probesOf(keys));
    await caughtUpTo(input, keys + Math.min(probes, keys));
    await worker.close();
    const written = await countsWritten(log);
    await log.close();
    return { keys, seconds, written };
  });
}

/** Whether each key was counted once, and each key that came again was found. */
export function isRight({ keys, written }: ManyKeysResult): boolean {
  const again = Math.min(probes, keys);
  return written.size === 2 && written.get(1) === keys && written.get(2) === again;
}

function counts(): Topology {
  const builder = new TopologyBuilder(group);
  builder
    .stream(inputTopic, { key: string(), value: string() })
    .groupByKey()
    .count({ name: 'counts', emit: onCommit() })
    .toStream()
    .to(outputTopic);
  return builder.build();
}

interface Input {
  readonly log: Log;
  readonly worker: Worker;
  readonly partitions: readonly TopicPartition[];
}

function append({ log }: Input, records: Iterable<InputRecord>): Promise<void> {
  return fillTopic(log, { topic: inputTopic, partitions, records });
}

async function caughtUpTo({ log, worker, partitions }: Input, target: number): Promise<number> {
  if (target <= 0) return committedRecords(log, group, partitions);
  return untilCommitted(log, { group, partitions, target, worker });
}

/** `mix` gives each number another one, so no key comes twice. */
function recordOf(index: number): InputRecord {
  return { key: hex(mix(index)), value: '', timestamp: startMs + index };
}

function* recordsFrom(from: number, to: number): Iterable<InputRecord> {
  for (let index = from; index < to; index++) yield recordOf(index);
}

function* probesOf(keys: number): Iterable<InputRecord> {
  const count = Math.min(probes, keys);
  for (let n = 0; n < count; n++) yield recordOf(Math.floor((n * keys) / count));
}

async function countsWritten(log: Log): Promise<ReadonlyMap<number, number>> {
  const written = new Map<number, number>();
  const serde = int64();
  for (const partition of await partitionsOf(log, outputTopic)) {
    for await (const batch of committedBatches(log, partition)) {
      for (let index = 0; index < batch.count; index++) {
        const count = serde.deserialize(batch.value(index) ?? new Uint8Array(0));
        written.set(count, (written.get(count) ?? 0) + 1);
      }
    }
  }
  return written;
}
