import { embedded, memoryBackend, run } from '../../../src/index.ts';
import { type Dump, dumpOutputs, type Section } from '../dump.ts';
import { partitions, type TortureInput, writeInput } from '../input.ts';
import { tortureTopology } from '../topology.ts';

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
  const outputs = await dumpOutputs(log);
  await log.close();
  return new Map(
    [...outputs].flatMap(([name, { kind, lines }]): [string, Section][] =>
      lines.length === 0 ? [] : [[name, { kind, lines: lines.map(asOnConsole) }]],
    ),
  );
}

/** Kafka's console writes hexadecimal digits in upper case. */
function asOnConsole(line: string): string {
  return line.replace(/\\x[0-9a-f]{2}/g, (byte) => `\\x${byte.slice(2).toUpperCase()}`);
}
