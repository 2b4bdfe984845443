import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Log } from '../../src/core/log/port.ts';
import { kafka } from '../../src/index.ts';
import { withKafka } from '../../test/kafka/support/with-kafka.ts';
import { Checksum } from '../data/checksum.ts';
import { untilCaughtUp } from '../log/progress.ts';
import { partitionsOf, readTopic, undecided } from '../log/read-topic.ts';
import { recordsIn } from '../measure/check-output.ts';
import { withStateDir } from '../measure/measure-engine.ts';
import { RestartInput } from './restart-input.ts';
import { jsonLine, tableHead, tableRow } from './restart-report.ts';
import { RestartScenarios } from './restart-scenarios.ts';

const usage = `npm run bench:restart -- [--records N] [--rate N] [--kills N] [--json]
  --records N     keys of state, a value of 100 bytes each; default 1,000,000
  --rate N        records a second that come in all the while; default 2,000
  --kills N       how often the first scenario is repeated; default 3
  --brokers LIST  instead of a broker that is started for it
  --json          a JSON line per scenario`;

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    rate: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '3' },
    brokers: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const partitions = 4;
const pollMs = 10;

const counts = [values.records, values.rate, values.kills];
if (values.help || !counts.every((count) => /^[1-9]\d*$/.test(count))) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else if (values.brokers === undefined) {
  await withKafka(measureRestarts);
} else {
  await measureRestarts(values.brokers);
}

async function measureRestarts(bootstrap: string): Promise<void> {
  const brokers = bootstrap.split(',');
  const log = kafka({ brokers });
  const application = `bench-restart-${Date.now().toString(36)}`;
  const names = { input: `${application}-in`, output: `${application}-out` };
  const input = new RestartInput({
    ...{ log, topic: names.input, partitions },
    keys: Number(values.records),
  });
  await input.fill();
  const shape = { topic: names.output, partitions, cleanup: 'delete', settings: {} } as const;
  await log.admin.createTopics([shape]);
  await withStateDir(async (directory) => {
    const options = { log, brokers, application, ...names, partitions, directory };
    const scenarios = new RestartScenarios({
      ...options,
      onResult: (result) => console.log(values.json ? jsonLine(result) : tableRow(result)),
    });
    await play(scenarios, input, async () => {
      await untilCaughtUp(log, application, await partitionsOf(log, names.input));
    });
  });
  const isRight = (await checksumOf(log, names.output)) === input.checksum.toString();
  if (!values.json) console.log(`Output: ${isRight ? 'each record once' : 'DIFFERENT'}.`);
  if (!isRight) process.exitCode = 1;
  await log.close();
}

async function play(
  scenarios: RestartScenarios,
  input: RestartInput,
  caughtUp: () => Promise<void>,
): Promise<void> {
  let keeper = scenarios.start();
  await Promise.race([caughtUp(), endOf(keeper.exited)]);
  if (!values.json) console.log(tableHead);
  input.startLoad(Number(values.rate));
  for (let n = 0; n < Number(values.kills); n++) keeper = await scenarios.killed(keeper);
  keeper = await scenarios.stopped(keeper);
  keeper = await scenarios.moved(keeper);
  keeper = await scenarios.replaced(keeper);
  keeper = await scenarios.takenOver(keeper);
  await input.stopLoad();
  await Promise.race([caughtUp(), endOf(keeper.exited)]);
  await keeper.stop();
}

async function endOf(exited: Promise<unknown>): Promise<never> {
  await exited;
  throw new Error('The worker has ended by itself.');
}

/** Each record that came in has gone out once, as it was. */
async function checksumOf(log: Log, topic: string): Promise<string> {
  const places = await partitionsOf(log, topic);
  // What is committed is not at once marked so.
  while ((await undecided(log, places)).length > 0) await sleep(pollMs);
  const checksum = new Checksum();
  for (const [key, value] of recordsIn(await readTopic(log, topic))) checksum.add(key, value);
  return checksum.toString();
}
