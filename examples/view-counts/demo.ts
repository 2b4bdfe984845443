import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { embedded, kafka, type Log, type Worker } from '../../src/index.ts';
import { prepare } from '../program/directory.ts';
import { openFeeder } from '../program/feeder.ts';
import { grouped, type Output } from '../program/output.ts';
import type { RowSource } from '../program/row-source.ts';
import { topicSettings } from '../program/topic-settings.ts';
import { startWorkers } from '../program/workers.ts';
import type { Settings } from './arguments.ts';
import { type CountedViews, countedViews } from './counted-views.ts';
import { demoTopology, liveNode, topics } from './demo-topology.ts';
import { feedAndWatch } from './feed-and-watch.ts';
import { fileSource } from './file-source.ts';
import { generatedViews } from './page-view-generator.ts';
import { topPages, writeJsonLines } from './results.ts';

const partitions = 4;
const topCount = 10;

/** Runs until the end of the input with `--exit`, else until the signal. */
export async function runDemo(settings: Settings, out: Output, signal: AbortSignal): Promise<void> {
  const { json } = settings;
  // Before anything is emptied: an input that cannot be read must not cost what is there.
  const source = await sourceOf(settings);
  await prepare(settings);
  // Now rather than at the end: a path that cannot be written must not cost a whole run.
  if (json !== null) await writeFile(json, '');
  const log = openLog(settings);
  try {
    await makeOutputTopics(log);
    await countViews({ settings, source, log, out, signal });
  } finally {
    await log.close();
    await source.close();
  }
}

function openLog({ brokers, directory }: Settings): Log {
  if (brokers !== null) return kafka({ brokers });
  return embedded({ directory: join(directory, 'log'), partitions });
}

/** The input topic is made by who writes to it. */
async function makeOutputTopics({ admin }: Log): Promise<void> {
  const { final, live, deadLetter } = topics;
  await admin.createTopics(
    [final, live, deadLetter].map((topic) => {
      return { topic, partitions, cleanup: 'delete', settings: topicSettings };
    }),
  );
}

interface Surroundings {
  readonly settings: Settings;
  readonly source: RowSource;
  readonly log: Log;
  readonly out: Output;
  readonly signal: AbortSignal;
}

async function countViews({ settings, source, log, out, signal }: Surroundings): Promise<void> {
  const { windowMs } = settings;
  const { input: topic } = topics;
  const feeder = await openFeeder({ name: 'view-counts', log, topic, partitions, source });
  const views = countedViews({
    log,
    partitions,
    windowMs,
    finalTopic: topics.final,
    liveTopic: topics.live,
  });
  const workers = await startWorkers(demoTopology(settings), settings, { log });
  const drops = () => (settings.workers === 0 ? null : dropsOf(workers));
  try {
    await feedAndWatch({ settings, log, feeder, views, workers, drops, out, signal });
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
    await feeder.close();
  }
  const { others } = feeder.position;
  if (others > 0) out.write(`${grouped(others)} other requests in the input are no views\n`);
  await report(settings, views, out);
  await views.close();
}

/** By reason, as committed; what the live topic drops is what the final one drops, once more. */
function dropsOf(workers: readonly Worker[]): ReadonlyMap<string, number> {
  const drops = new Map<string, number>();
  for (const [name, count] of workers.flatMap((own) =>
    Object.entries(own.status().droppedByNode),
  )) {
    const [node, reason] = [name.slice(0, name.lastIndexOf(' ')), name.split(' ').at(-1) ?? ''];
    if (node !== liveNode) drops.set(reason, (drops.get(reason) ?? 0) + count);
  }
  return drops;
}

async function report({ json }: Settings, views: CountedViews, out: Output): Promise<void> {
  const windows = await views.windows();
  const openCount = windows.filter(({ open }) => open === true).length;
  const total = windows.length - openCount;
  out.write(`${grouped(total)} final windows, ${grouped(openCount)} still open\n\n`);
  out.write(`${topPages(windows, topCount).join('\n')}\n`);
  if (json !== null) await writeJsonLines(json, windows);
}

async function sourceOf({ input, seed, records, exit }: Settings): Promise<RowSource> {
  if (input !== null) return await fileSource(input, exit);
  return generatedViews(seed, records);
}
