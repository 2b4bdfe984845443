import { startKafka } from './start-kafka.ts';

const [version = ''] = process.argv.slice(2);

// Until somebody kills this process.
setInterval(() => undefined, 60_000);
const { pids } = await startKafka({ version });
console.log(`Brokers: ${[...pids.values()].join(' ')}.`);
