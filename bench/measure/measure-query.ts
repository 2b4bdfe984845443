import { type Duration, embedded } from '../../src/index.ts';
import type { DataSet } from '../data/data-set.ts';
import { fillTopic, recordsOf } from '../log/fill.ts';
import { readTopic } from '../log/read-topic.ts';
import { type Query, outputTopic, plainNames, tableRecords } from '../queries/query.ts';
import { payloadsOf } from './bare-loop.ts';
import { checkOutput } from './check-output.ts';
import { measureBareLoop } from './measure-bare.ts';
import { measureEngine } from './measure-engine.ts';
import type { Measurement } from './measurement.ts';

const partitions = 4;

export interface QueryRun {
  readonly query: Query;
  readonly commitInterval: Duration;
  readonly records: number;
  readonly isScraped?: boolean;
}

/** Fills the log, measures bare loop, engine and bare loop again, and checks what was written. */
export async function measureQuery(queryRun: QueryRun): Promise<Measurement> {
  const { query, commitInterval, records, isScraped = false } = queryRun;
  const log = embedded({ partitions });
  const inputs = inputsOf(query, records);
  for (const { dataSet, count } of inputs) {
    const input = recordsOf(dataSet, 0, count);
    await fillTopic(log, { topic: dataSet.name, partitions, records: input });
  }
  const payloads = interleaved(
    await Promise.all(
      bareInputs(query).map(async ({ name }) => (await readTopic(log, name)).map(payloadsOf)),
    ),
  );
  const bareLoop = query.bareLoop();
  const bareBefore = measureBareLoop(bareLoop, payloads);
  const cost = await measureEngine({
    log,
    topology: query.topology(plainNames(query)),
    commitInterval,
    isScraped,
    inputTopics: inputs.map(({ dataSet }) => dataSet.name),
    records: inputs.reduce((sum, { count }) => sum + count, 0),
  });
  const bareAfter = measureBareLoop(bareLoop, payloads);
  const output = await readTopic(log, outputTopic);
  checkOutput(output, query.expected(records), query.isLastPerKey);
  await log.close();
  return {
    ...cost,
    records,
    bareMicrosPerRecord: (bareBefore + bareAfter) / 2,
    recordsOut: output.reduce((sum, { count }) => sum + count, 0),
  };
}

function inputsOf(query: Query, records: number) {
  const { input, table } = query;
  const stream = { dataSet: input, count: records };
  if (table === null) return [stream];
  return [stream, { dataSet: table.dataSet, count: tableRecords(query, records) }];
}

/** The streams: rows of a table are not what is counted. */
function bareInputs({ input, table }: Query): readonly DataSet[] {
  return table?.records === 'as-many' ? [input, table.dataSet] : [input];
}

/** Batches of all inputs by turns, about as the engine takes them. */
function interleaved<T>(inputs: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(...inputs.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) =>
    inputs.flatMap((batches) => batches.slice(index, index + 1)),
  ).flat();
}
