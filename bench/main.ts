import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { cases } from './cases.ts';
import { type Measurement, jsonLine, tableHead, tableRow } from './measure/measurement.ts';

const usage = `npm run bench -- [--case NAME] [--records N] [--json] [--profile]
  --case NAME   one of ${Object.keys(cases).join(', ')}
  --records N   instead of the case's own number
  --json        a JSON line per case
  --profile     in this process, for node --cpu-prof`;

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    records: { type: 'string' },
    json: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else await main(values.case ?? Object.keys(cases));

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !Object.hasOwn(cases, name));
  const isRecordsValid = values.records === undefined || /^[1-9]\d*$/.test(values.records);
  if (unknown.length > 0 || !isRecordsValid) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  if (!values.json && process.send === undefined) console.log(tableIntroduction());
  for (const name of names) await report(name);
}

async function report(name: string): Promise<void> {
  const measurement = values.profile ? await measureHere(name) : await measureInChild(name);
  if (measurement === null) {
    console.error(`${name}: failed`);
    process.exitCode = 1;
  } else if (process.send !== undefined) {
    process.send(measurement);
  } else {
    console.log(values.json ? jsonLine(name, measurement) : tableRow(name, measurement));
  }
}

function measureHere(name: string): Promise<Measurement> | null {
  const benchCase = cases[name];
  if (benchCase === undefined) return null;
  return benchCase.measure(
    values.records === undefined ? benchCase.records : Number(values.records),
  );
}

/** A process of its own: no case inherits the heap or the compiled code of another. */
async function measureInChild(name: string): Promise<Measurement | null> {
  const records = values.records === undefined ? [] : ['--records', values.records];
  const child = fork(import.meta.filename, ['--profile', '--case', name, ...records]);
  let measurement: Measurement | null = null;
  child.on('message', (message) => {
    measurement = message as Measurement; // the child is this very file
  });
  await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  return measurement;
}

function tableIntroduction(): string {
  return `Node ${process.version}, embedded log in memory, 4 partitions, exactly-once, one worker.
CPU: microseconds of the whole process per record, after warm-up. Bare: a loop that does only the
case's JSON.parse and JSON.stringify on the same bytes; in pass-through, count and restore, which
have none, it reads each key as a string and each value as a view. Ratio: bare / CPU.

${tableHead}`;
}
