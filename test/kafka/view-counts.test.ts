import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { newFolder, readWindows, removeFolders, runHere } from '../examples/demo-run.ts';
import { countsOf, recount } from '../examples/recounted-views.ts';
import { startTypeScript } from '../support/typescript-process.ts';
import { eachKafka, type SharedKafka } from './support/each-kafka.ts';
import { runKafkaTool } from './support/java.ts';

const command = new URL('../../src/cli/main.ts', import.meta.url);
const app = fileURLToPath(new URL('../../examples/view-counts/app.ts', import.meta.url));
const views = { seed: 5, records: 20_000, windowMs: 30_000, graceMs: 2_000 };
const { seed, windowMs, graceMs } = views;
const group = 'view-counts';
const workers = 4;
/** Five processes compile the sources, and a tool of Kafka's is a Java process. */
const timeoutMs = 180_000;

afterAll(removeFolders);

/** Feeds and watches only. */
function feed({ brokers }: SharedKafka, folder: string, records: number): Promise<string> {
  const own = ['--dir', join(folder, 'demo'), '--json', jsonIn(folder)];
  const generated = ['--records', String(records), '--seed', String(seed), '--exit'];
  const times = ['--window', String(windowMs), '--grace', String(graceMs)];
  const log = ['--brokers', brokers.join(','), '--workers', '0'];
  return runHere([...own, ...generated, ...times, ...log]);
}

function jsonIn(folder: string): string {
  return join(folder, 'windows.jsonl');
}

function startWorkers({ brokers }: SharedKafka, folder: string) {
  const times = ['--set', `window=${windowMs}ms`, '--set', `grace=${graceMs}ms`];
  const own = ['--state-dir', join(folder, 'state'), '--instance-id', 'counter'];
  const log = ['--brokers', brokers.join(','), '--workers', String(workers)];
  return startTypeScript(command, ['run', app, ...times, ...own, ...log]);
}

/** How many input partitions each member has, by its id, as Kafka's own tool shows the group. */
async function membersOf({ version, brokers }: SharedKafka): Promise<ReadonlyMap<string, number>> {
  const tool = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
  const asked = ['--group', group, '--describe', '--members'];
  const cluster = ['--bootstrap-server', brokers.join(',')];
  const table = await runKafkaTool(version, tool, [...cluster, ...asked]);
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/));
  const own = rows.filter(([name]) => name === group);
  return new Map(own.map((row) => [row[1] ?? '', Number(row.at(-1))]));
}

eachKafka('View counts by four worker processes', (shared) => {
  it(
    'are those of a recount, and Kafka’s own tool sees four members',
    async () => {
      const folder = newFolder();
      await feed(shared, folder, 0);
      const supervisor = startWorkers(shared, folder);
      try {
        for (let worker = 1; worker <= workers; worker += 1) {
          await supervisor.outputMatches(new RegExp(`^worker ${worker} is running$`, 'm'));
        }
        await feed(shared, folder, views.records);
        const members = await membersOf(shared);
        expect([...members.values()]).toEqual([1, 1, 1, 1]);
      } finally {
        supervisor.child.kill('SIGTERM');
      }
      const { code, output } = await supervisor.finished;
      expect(output).not.toContain('started again');
      expect(code).toBe(0);
      const windows = readWindows(jsonIn(folder));
      const { counts } = recount(views);
      expect(countsOf(windows)).toEqual(counts);
      expect(windows).toHaveLength(counts.size);
    },
    timeoutMs,
  );
});
