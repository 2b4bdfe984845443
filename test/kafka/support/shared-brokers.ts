import type { TestProject } from 'vitest/node';
import { kafkaVersions, MissingToolError } from './kafka-jars.ts';
import { type KafkaCluster, startKafka } from './start-kafka.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a broker by its version. */
    sharedBrokers: Readonly<Record<string, string>>;
  }
}

/** Of each version one broker that all test files use, each with names of its own. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const wanted = process.env['KAFKA_VERSIONS']?.split(',') ?? kafkaVersions;
  const clusters: KafkaCluster[] = [];
  try {
    for (const version of wanted) clusters.push(await startKafka({ version }));
  } catch (error) {
    if (!(error instanceof MissingToolError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
  const addresses = clusters.map(({ version, bootstrap }) => [version, bootstrap] as const);
  provide('sharedBrokers', Object.fromEntries(addresses));
  return async () => {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
  };
}
