import { embedded, memoryBackend, run } from '../../../src/index.ts';
import { type Dump, dumpLastPerKey, dumpTopic, recordLine, type Section } from '../dump.ts';
import { partitions, type TortureInput, writeInput } from '../input.ts';
import { finalOutputs, orderedOutputs, tortureTopology } from '../topology.ts';

/** What the same input leads to where nothing is disturbed, on a log inside this process. */
export async function undisturbed(input: TortureInput): Promise<Dump> {
  const log = embedded({ partitions });
  await writeInput(log, input);
  const worker = await run(tortureTopology(), {
    log,
    state: memoryBackend(),
    instanceId: 'calm',
    maxTaskIdle: 'forever',
  });
  await worker.caughtUp();
  await worker.close();
  const sections = new Map<string, Section>();
  for (const topic of orderedOutputs) {
    for (const [name, lines] of await dumpTopic(log, topic)) {
      sections.set(`topic ${name}`, { kind: 'ordered', lines: lines.map(asOnConsole) });
    }
  }
  for (const topic of finalOutputs) {
    for (const [name, lines] of await dumpLastPerKey(log, topic, recordLine)) {
      sections.set(`topic ${name}`, { kind: 'final', lines: lines.map(asOnConsole) });
    }
  }
  await log.close();
  return new Map([...sections].filter(([, { lines }]) => lines.length > 0));
}

/** Kafka's console writes hexadecimal digits in upper case. */
function asOnConsole(line: string): string {
  return line.replace(/\\x[0-9a-f]{2}/g, (byte) => `\\x${byte.slice(2).toUpperCase()}`);
}
