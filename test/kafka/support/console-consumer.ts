import { runKafkaTool } from './java.ts';
import type { SharedKafka } from './each-kafka.ts';

export interface ConsoleRecord {
  readonly partition: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** The tool ends when nothing more has come for so long. */
const idleMs = 5_000;
const nothing = '<null>';
const line = /^\w+Time:(-?\d+)\tPartition:(\d+)\t(.*)\t(.*)$/;

/** All committed records of a topic, read by Kafka's own consumer; without tabs and line feeds. */
export async function readWithConsole(
  { version, brokers }: SharedKafka,
  topic: string,
): Promise<readonly ConsoleRecord[]> {
  const shown = ['print.key', 'print.timestamp', 'print.partition'].map((name) => `${name}=true`);
  const printed = await runKafkaTool(version, 'org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning'],
    ...['--isolation-level', 'read_committed', '--timeout-ms', String(idleMs)],
    ...[...shown, `null.literal=${nothing}`].flatMap((property) => ['--property', property]),
  ]);
  return printed.split('\n').flatMap((text) => {
    const [, timestamp, partition, key, value] = line.exec(text) ?? [];
    if (key === undefined || value === undefined) return [];
    const known = { timestamp: Number(timestamp), partition: Number(partition) };
    return [{ ...known, key: textOf(key), value: textOf(value) }];
  });
}

function textOf(printed: string): string | null {
  return printed === nothing ? null : printed;
}
