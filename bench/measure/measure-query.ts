import { type Duration, embedded } from '../../src/index.ts';
import { fillTopic, recordsOf } from '../log/fill.ts';
import { readTopic } from '../log/read-topic.ts';
import { type Query, outputTopic, plainNames } from '../queries/query.ts';
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
}

/** Fills the log, measures bare loop, engine and bare loop again, and checks what was written. */
export async function measureQuery(queryRun: QueryRun): Promise<Measurement> {
  const { query, commitInterval, records } = queryRun;
  const log = embedded({ partitions });
  const inputs = inputsOf(query, records);
  for (const { dataSet, count } of inputs) {
    const input = recordsOf(dataSet, 0, count);
    await fillTopic(log, { topic: dataSet.name, partitions, records: input });
  }
  const payloads = (await readTopic(log, query.input.name)).map(payloadsOf);
  const bareLoop = query.bareLoop();
  const bareBefore = measureBareLoop(bareLoop, payloads);
  const cost = await measureEngine({
    log,
    topology: query.topology(plainNames(query)),
    commitInterval,
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

function inputsOf({ input, table }: Query, records: number) {
  const stream = { dataSet: input, count: records };
  return table === null ? [stream] : [stream, { dataSet: table.dataSet, count: table.records }];
}
