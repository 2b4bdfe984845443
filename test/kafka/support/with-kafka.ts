import { kafkaVersions } from './kafka-jars.ts';
import { startKafka } from './start-kafka.ts';

/** Gives `work` the address of a broker of its own, of the newest version that is tested. */
export async function withKafka<T>(work: (bootstrap: string) => Promise<T>): Promise<T> {
  const kafka = await startKafka({ version: kafkaVersions[1] });
  try {
    return await work(kafka.bootstrap);
  } finally {
    await kafka.stop();
  }
}
