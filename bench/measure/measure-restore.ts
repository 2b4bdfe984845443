import type { Log } from '../../src/core/log/port.ts';
import { embedded, run } from '../../src/index.ts';
import { fillTopic } from '../log/fill.ts';
import { committedRecords, untilCommitted } from '../log/progress.ts';
import { partitionsOf, readTopic } from '../log/read-topic.ts';
import { type OutputRecord, outputTopic } from '../queries/query.ts';
import { probe, probesTopic, restoredTable, row, rowsTopic } from '../queries/restored-table.ts';
import { bytesLoop, payloadsOf } from './bare-loop.ts';
import { checkOutput } from './check-output.ts';
import { type Cost, collectGarbage, costSince, snapshot } from './cpu.ts';
import { measureBareLoop } from './measure-bare.ts';
import { withStateDir } from './measure-engine.ts';
import type { Measurement } from './measurement.ts';

const partitions = 4;
const probeCount = 1_000;

/**
 * Reads a table of `records` keys back from its changelog into an empty directory: once to warm
 * up, once for the clock, which stops when probes for rows all over the table are answered.
 */
export async function measureRestore(records: number): Promise<Measurement> {
  const log = embedded({ partitions });
  await fillTopic(log, { topic: rowsTopic, partitions, records: rows(records) });
  await fillTopic(log, { topic: probesTopic, partitions, records: [] });
  await startedWith(log, rowsTopic, records);
  await restoredAndProbed(log, records);
  const cost = await restoredAndProbed(log, records);

  const output = await readTopic(log, outputTopic);
  const answers = [...answersTo(records), ...answersTo(records)];
  checkOutput(output, answers, false);
  const changelog = (await readTopic(log, 'bench-rows-changelog')).map(payloadsOf);
  const bareMicrosPerRecord = measureBareLoop(bytesLoop(), changelog);
  await log.close();
  return { ...cost, records, bareMicrosPerRecord, recordsOut: answers.length };
}

async function restoredAndProbed(log: Log, records: number): Promise<Cost> {
  await fillTopic(log, { topic: probesTopic, partitions, records: probes(records) });
  return startedWith(log, probesTopic, probeCount, records);
}

/** Runs on an empty directory until `more` records of the topic are committed. */
async function startedWith(log: Log, topic: string, more: number, records = more): Promise<Cost> {
  const input = await partitionsOf(log, topic);
  const before = await committedRecords(log, 'bench', input);
  return withStateDir(async (stateDir) => {
    collectGarbage();
    const start = snapshot();
    const options = { log, stateDir, commitInterval: '10ms', guarantee: 'exactly-once' } as const;
    const worker = await run(restoredTable(), options);
    const target = before + more;
    await untilCommitted(log, { group: 'bench', partitions: input, target, worker });
    const cost = costSince(start, records);
    await worker.close();
    return cost;
  });
}

function* rows(count: number) {
  for (let index = 0; index < count; index++) yield row(index);
}

function* probes(rowCount: number) {
  for (let n = 0; n < probeCount; n++) yield probe(Math.floor((n * rowCount) / probeCount));
}

function* answersTo(rowCount: number): Iterable<OutputRecord> {
  for (const { key } of probes(rowCount)) {
    yield [key, row(Number(key.toString().slice(1))).value];
  }
}
