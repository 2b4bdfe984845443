import { parseArgs } from 'node:util';
import { watchMemory } from './anonymous-memory.ts';
import { countManyKeys, isRight } from './many-keys.ts';

const usage = `npm run bench:memory -- [--keys N] [--limit MIB]
  --keys N     distinct keys to count, all in state on disk; default 10,000,000
  --limit MIB  fails above that much anonymous memory (RssAnon); default 600`;

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '10000000' },
    limit: { type: 'string', default: '600' },
    help: { type: 'boolean', default: false },
  },
});

const [keys, limitMib] = [Number(values.keys), Number(values.limit)];
if (values.help) console.log(usage);
else if (![keys, limitMib].every((value) => Number.isInteger(value) && value > 0)) {
  console.error(usage);
  process.exitCode = 2;
} else {
  await main();
}

async function main(): Promise<void> {
  const memory = watchMemory();
  let told = 0;
  const result = await countManyKeys(keys, (records) => {
    if (records < told + keys / 10) return;
    told = records;
    console.error(`${records} keys, at most ${memory.maxMib().toFixed(0)} MiB so far`);
  });
  const maxRssAnonMib = Math.round(memory.maxMib());
  memory.stop();
  const { seconds, written } = result;
  const keysPerSecond = Math.round(keys / seconds);
  console.log(JSON.stringify({ case: 'many-keys', keys, keysPerSecond, maxRssAnonMib, limitMib }));
  if (!isRight(result)) {
    console.error(`The counts are wrong: ${JSON.stringify([...written])}`);
    process.exitCode = 1;
  }
  if (maxRssAnonMib <= limitMib) return;
  console.error(`Memory went above ${limitMib} MiB.`);
  process.exitCode = 1;
}
