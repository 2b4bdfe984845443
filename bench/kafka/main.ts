import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { withKafka } from '../../test/kafka/support/with-kafka.ts';
import { comparisons, type EngineResult, type EngineTask, guarantees } from './comparison.ts';
import { jsonLine, median, type Pair, tableHead, tableRow } from './report.ts';
import { runMillrace } from './run-millrace.ts';
import { buildPeer, runPeer } from './run-peer.ts';

const usage = `npm run bench:kafka -- [--query NAME] [--guarantee G] [--records N] [--runs N] [--json]
  --query NAME    one of ${Object.keys(comparisons).join(', ')}
  --guarantee G   ${guarantees.join(' or ')}
  --records N     default 1,000,000
  --runs N        of each engine, by turns; the median counts; default 3
  --brokers LIST  instead of a broker that is started for it
  --json          a JSON line per run`;

const { values } = parseArgs({
  options: {
    query: { type: 'string', multiple: true },
    guarantee: { type: 'string', multiple: true },
    records: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    brokers: { type: 'string' },
    json: { type: 'boolean', default: false },
    task: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.task !== undefined) {
  process.send?.(await runMillrace(JSON.parse(values.task) as EngineTask)); // from this very file
} else if (values.help || !areValid()) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  await buildPeer();
  if (values.brokers === undefined) await withKafka(compareAll);
  else await compareAll(values.brokers);
}

function areValid(): boolean {
  return (
    (values.query ?? []).every((name) => Object.hasOwn(comparisons, name)) &&
    (values.guarantee ?? []).every((name) => guarantees.some((known) => known === name)) &&
    [values.records, values.runs].every((count) => /^[1-9]\d*$/.test(count))
  );
}

async function compareAll(brokers: string): Promise<void> {
  const wanted = values.guarantee ?? guarantees;
  if (!values.json) console.log(tableHead);
  for (const name of values.query ?? Object.keys(comparisons)) {
    for (const guarantee of guarantees.filter((known) => wanted.includes(known))) {
      await compare({ name, guarantee, records: Number(values.records), brokers });
    }
  }
}

/** By turns, so that what slows the machine down for a while meets both. */
async function compare(task: EngineTask): Promise<void> {
  const runs: Pair[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const peer = await runPeer(task);
    const millrace = await runInChild(task);
    if (values.json) for (const result of [millrace, peer]) console.log(jsonLine(result));
    runs.push({ millrace, peer });
  }
  const pair = {
    millrace: median(runs.map(({ millrace }) => millrace)),
    peer: median(runs.map(({ peer }) => peer)),
  };
  if (!values.json) console.log(tableRow(pair));
  if (runs.some(({ millrace, peer }) => millrace.checksum !== peer.checksum)) process.exitCode = 1;
}

/** A process of its own: no run inherits the heap or the compiled code of another. */
async function runInChild(task: EngineTask): Promise<EngineResult> {
  const child = fork(import.meta.filename, ['--task', JSON.stringify(task)]);
  let result: EngineResult | null = null;
  child.on('message', (message) => {
    result = message as EngineResult; // the child is this very file
  });
  await once(child, 'exit');
  if (result === null) throw new Error(`${task.name}, ${task.guarantee}: the run has failed.`);
  return result;
}
