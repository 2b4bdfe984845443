import type { KafkaCluster } from '../../kafka/support/start-kafka.ts';
import type { Section } from '../dump.ts';
import { finalOutputs, orderedOutputs } from '../topology.ts';

const consumer = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
const bytes = 'org.apache.kafka.common.serialization.BytesDeserializer';

/** The committed records of all outputs, read with Kafka's own console consumer. */
export async function consoleDump(cluster: KafkaCluster): Promise<ReadonlyMap<string, Section>> {
  const sections = new Map<string, Section>();
  for (const topic of orderedOutputs) {
    for (const [partition, records] of await readTopic(cluster, topic)) {
      const lines = records.map(({ line }) => line);
      sections.set(`topic ${topic}-${partition}`, { kind: 'ordered', lines });
    }
  }
  for (const topic of finalOutputs) {
    for (const [partition, records] of await readTopic(cluster, topic)) {
      const last = new Map(records.map(({ key, line }) => [key, line]));
      sections.set(`topic ${topic}-${partition}`, {
        kind: 'final',
        lines: [...last.values()].sort(),
      });
    }
  }
  return sections;
}

interface ConsoleRecord {
  readonly key: string;
  readonly line: string;
}

async function readTopic(
  cluster: KafkaCluster,
  topic: string,
): Promise<ReadonlyMap<number, readonly ConsoleRecord[]>> {
  const properties = {
    'print.timestamp': true,
    'print.partition': true,
    'print.headers': true,
    'print.key': true,
    'key.deserializer': bytes,
    'value.deserializer': bytes,
    'headers.deserializer': bytes,
  };
  const output = await cluster.run(consumer, [
    ...['--bootstrap-server', cluster.bootstrap, '--topic', topic, '--from-beginning'],
    ...['--isolation-level', 'read_committed', '--timeout-ms', '4000'],
    ...Object.entries(properties).flatMap(([name, value]) => ['--property', `${name}=${value}`]),
  ]);
  const partitions = new Map<number, ConsoleRecord[]>();
  for (const line of output.split('\n')) {
    const fields = line.split('\t');
    if (fields.length < 5) continue;
    const [time = '', partitionField = '', headers = '', key = '', value = ''] = fields;
    const partition = Number(partitionField.replace('Partition:', ''));
    const records = partitions.get(partition) ?? [];
    partitions.set(partition, records);
    const trailer = headers === 'NO_HEADERS' ? '' : ` ${headers.split(',').join(' ')}`;
    const timestamp = time.replace('CreateTime:', '');
    records.push({ key, line: `${key} = ${value} @${timestamp}${trailer}` });
  }
  return partitions;
}
