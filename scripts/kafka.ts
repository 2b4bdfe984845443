import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { kafkaVersions, MissingToolError } from '../test/kafka/support/kafka-jars.ts';
import { startKafka } from '../test/kafka/support/start-kafka.ts';

const { values } = parseArgs({
  options: {
    version: { type: 'string', default: kafkaVersions.at(-1) ?? '' },
    brokers: { type: 'string', default: '1' },
    port: { type: 'string', default: '9092' },
  },
});

const { version } = values;
const [brokers, port] = [Number(values.brokers), Number(values.port)];
if (!(brokers > 0 && port > 0 && /^\d+\.\d+\.\d+$/.test(version))) {
  console.error('Usage: npm run kafka -- [--version 4.1.1] [--brokers 1] [--port 9092]');
  process.exit(2);
}

try {
  // Asked for before the start, so that an early Ctrl-C leaves nothing behind either.
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  console.log(`Starting Kafka ${version} ...`);
  const kafka = await startKafka({ version, brokers, port });
  console.log(`${kafka.bootstrap}\nCtrl-C stops it; its topics are gone then.`);
  const keepAlive = setInterval(() => undefined, 60_000);
  await interrupted;
  clearInterval(keepAlive);
  await kafka.stop();
} catch (error) {
  if (!(error instanceof MissingToolError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
