import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaJars } from './kafka-jars.ts';

const execute = promisify(execFile);

/** Small and quick to start, since many stand on one machine. */
export function javaCommand(jars: string, heapMb: number): readonly string[] {
  const heap = [`-Xmx${heapMb}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  return [...heap, '-cp', join(jars, '*')];
}

/** What one of Kafka's own tools prints. @throws with what it said, if it fails. */
export async function runKafkaTool(
  version: string,
  toolClass: string,
  args: readonly string[],
): Promise<string> {
  const command = [...javaCommand(await kafkaJars(version), 128), toolClass, ...args];
  const options = { maxBuffer: 2 ** 28, timeout: 120_000 };
  const { stdout } = await execute('java', command, options);
  return stdout;
}
