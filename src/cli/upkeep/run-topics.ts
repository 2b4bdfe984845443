import type { Log } from '../../core/log/port.ts';
import { type KnownApplication, knownApplication } from '../../core/upkeep/known-application.ts';
import { requireNoMembers } from '../../core/upkeep/require-no-members.ts';
import { type TopicReport, topicReports } from '../../core/upkeep/topic-report.ts';
import { loadApplication } from '../application.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output/create-output.ts';
import type { TopicsSettings } from '../upkeep-arguments.ts';
import { decide } from './decide.ts';
import type { UpkeepHost } from './run-upkeep.ts';
import { withLog } from './with-log.ts';

/** `millrace topics`: what the engine needs of a log, what is there, and what is left over. */
export async function runTopics(settings: TopicsSettings, { output }: UpkeepHost): Promise<number> {
  const { topology } = await loadApplication(settings.file, settings.applicationSettings);
  return withLog(settings.log, async (log) => {
    const known = await knownApplication(topology, log);
    if (settings.showsOrphans) return orphans(known, { settings, output, log });
    const reports = await topicReports(known.topology, log);
    for (const report of reports) for (const line of linesOf(report)) output.announce(line);
    if (settings.creates) await create(reports, { output, log });
    const isMissing = !settings.creates && reports.some((report) => report.isMissing);
    const isWrong = reports.some(({ mismatches }) => mismatches.length > 0);
    return isMissing || isWrong ? exitCodes.failed : exitCodes.clean;
  });
}

function linesOf({ wanted, kind, owner, ...found }: TopicReport): readonly string[] {
  const { topic, partitions, settings } = wanted;
  const of = owner === null ? '' : ` of ${owner}`;
  const state = found.isMissing ? 'MISSING' : found.mismatches.length > 0 ? 'WRONG' : 'ok';
  const values = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [
    `${state} ${topic}: ${kind}${of}, ${partitions} partitions`,
    `  ${values.join(' ')}`,
    ...found.mismatches.map((text) => `  wrong: ${text}`),
    ...found.differences.map((text) => `  differs: ${text}`),
  ];
}

async function create(
  reports: readonly TopicReport[],
  { output, log }: { readonly output: Output; readonly log: Log },
): Promise<void> {
  const missing = reports.filter(({ isMissing }) => isMissing).map(({ wanted }) => wanted);
  await log.admin.createTopics(missing);
  for (const { topic } of missing) output.announce(`Created ${topic}.`);
}

interface OrphanParts {
  readonly settings: TopicsSettings;
  readonly output: Output;
  readonly log: Log;
}

async function orphans(
  { topology, orphans: { own, doubtful } }: KnownApplication,
  { settings, output, log }: OrphanParts,
): Promise<number> {
  for (const topic of own) output.announce(`orphan ${topic}`);
  for (const { topic, application } of doubtful) {
    output.announce(`left alone ${topic}: it may be of the application '${application}'`);
  }
  if (own.length === 0) output.announce('There are no orphans.');
  if (settings.deletion === null || own.length === 0) return exitCodes.clean;
  // A worker with the topology of before may still write there.
  await requireNoMembers(log, topology.application);
  return decide(settings.deletion, output, () => log.admin.deleteTopics(own));
}
