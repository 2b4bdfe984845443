import { setTimeout as sleep } from 'node:timers/promises';
import { type Worker, kafka, run } from '../../src/index.ts';
import type { Log } from '../../src/core/log/port.ts';
import { Checksum } from '../data/checksum.ts';
import { partitionsOf, readTopic, undecided } from '../log/read-topic.ts';
import { lastPerKey, recordsIn } from '../measure/check-output.ts';
import { type Snapshot, snapshot } from '../measure/cpu.ts';
import { withStateDir } from '../measure/measure-engine.ts';
import { type Query, type QueryNames, tableRecords } from '../queries/query.ts';
import {
  commitIntervalMs,
  comparisonOf,
  type EngineResult,
  type EngineTask,
  partitions,
} from './comparison.ts';

const pollMs = 10;

/** How far the worker was at a time. */
interface Sample extends Snapshot {
  readonly processed: number;
}

/** Runs a query in this process, from the start of its input topics to their end. */
export async function runMillrace(task: EngineTask): Promise<EngineResult> {
  const { query } = comparisonOf(task.name);
  const log = kafka({ brokers: task.brokers.split(',') });
  const names = namesOf(query, task);
  await log.admin.createTopics([
    { topic: names.output, partitions, cleanup: 'delete', settings: { 'retention.ms': '-1' } },
  ]);
  const records = task.records + tableRecords(query, task.records);
  const { samples, closed } = await withStateDir(async (stateDir) => {
    const { guarantee } = task;
    const commitInterval = commitIntervalMs;
    const worker = await run(query.topology(names), { log, stateDir, guarantee, commitInterval });
    const seen = await samplesUntil(worker, records);
    await worker.close();
    return { samples: seen, closed: snapshot() };
  });
  const checksum = await checksumOf(log, names.output, query.isLastPerKey);
  await log.close();
  const rates = ratesOf(samples, closed, records);
  const { name, guarantee } = task;
  return { query: name, engine: 'millrace', guarantee, records, ...rates, checksum };
}

/** The input topics are those that the peer has filled. */
function namesOf(query: Query, { name, records }: EngineTask): QueryNames {
  const { input, table } = query;
  const application = `bench-${name}-${Date.now().toString(36)}`;
  const topicOf = (dataSet: string, count: number) => `bench-${dataSet}-${count}-${partitions}`;
  return {
    application,
    input: topicOf(input.name, records),
    table: table === null ? '' : topicOf(table.dataSet.name, tableRecords(query, records)),
    output: `${application}-out`,
  };
}

async function samplesUntil(worker: Worker, records: number): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (;;) {
    const { recordsIn: processed } = worker.status();
    if (processed !== (samples.at(-1)?.processed ?? 0)) samples.push({ ...snapshot(), processed });
    if (processed >= records) return samples;
    await Promise.race([sleep(pollMs), worker.finished]);
  }
}

function ratesOf(samples: readonly Sample[], closed: Snapshot, records: number) {
  const [first] = samples;
  const last = samples.at(-1);
  const quarter = samples.find(({ processed }) => processed >= records / 4);
  if (first === undefined || last === undefined || quarter === undefined || quarter === last) {
    throw new Error('Too few records to see a rate.');
  }
  const steadyRecords = last.processed - quarter.processed;
  return {
    recordsPerSecond: Math.round((records * 1_000) / (last.timeMs - first.timeMs)),
    cpuMicrosPerRecord: (closed.cpuMicros - first.cpuMicros) / records,
    steadyCpuMicrosPerRecord: (last.cpuMicros - quarter.cpuMicros) / steadyRecords,
  };
}

async function checksumOf(log: Log, topic: string, isLastPerKey: boolean): Promise<string> {
  const places = await partitionsOf(log, topic);
  // What is committed is not at once marked so.
  while ((await undecided(log, places)).length > 0) await sleep(pollMs);
  const checksum = new Checksum();
  const records = recordsIn(await readTopic(log, topic));
  for (const [key, value] of isLastPerKey ? lastPerKey(records) : records) checksum.add(key, value);
  return checksum.toString();
}
