import { existsSync } from 'node:fs';
import { errorLines, payloadText } from './dlq-text.ts';
import { ConfigError } from '../../core/model/errors.ts';
import type { Log } from '../../core/log/port.ts';
import {
  type DeadLetter,
  deadLettersIn,
  isWanted,
  partitionsOfTopic,
} from '../../core/upkeep/dead-letters.ts';
import { replayDeadLetters } from '../../core/upkeep/replay.ts';
import { loadApplication } from '../application.ts';
import { exitCodes } from '../exit-codes.ts';
import type { DlqPlace, DlqSettings } from '../dlq-arguments.ts';
import type { UpkeepHost } from './run-upkeep.ts';
import { withLog } from './with-log.ts';

interface Letters {
  readonly log: Log;
  readonly topic: string;
}

/** `millrace dlq`: what lies among the dead letters, and the way back for it. */
export async function runDlq(settings: DlqSettings, host: UpkeepHost): Promise<number> {
  const topic = await topicOf(settings);
  return withLog(settings.log, async (log) => {
    const letters = { log, topic };
    if (settings.action === 'replay') return replay(letters, settings, host);
    if (settings.at !== null) return show(letters, settings.at, { settings, host });
    return list(letters, settings, host);
  });
}

/** A module's own, or the name as it is. */
async function topicOf({ file, applicationSettings }: DlqSettings): Promise<string> {
  if (!existsSync(file) && !/\.[cm]?[jt]s$/.test(file)) return file;
  const { topology } = await loadApplication(file, applicationSettings);
  if (topology.deadLetterTopic !== null) return topology.deadLetterTopic;
  throw new ConfigError(
    'BAD_OPTION',
    `The application '${topology.application}' has no dead letters: give \`deadLetter\` to its ` +
      'TopologyBuilder, or name a topic.',
  );
}

async function list(
  { log, topic }: Letters,
  { filter }: DlqSettings,
  { output }: UpkeepHost,
): Promise<number> {
  const partitions = await partitionsOfTopic(log, topic);
  const groups = new Map<string, { count: number; first: string; last: string }>();
  let all = 0;
  for (let partition = 0; partition < partitions; partition += 1) {
    for await (const letter of deadLettersIn(log, { topic, partition })) {
      if (!isWanted(letter, filter)) continue;
      all += 1;
      const at = `${letter.partition}:${letter.offset}`;
      const group = groups.get(groupOf(letter)) ?? { count: 0, first: at, last: at };
      groups.set(groupOf(letter), { ...group, count: group.count + 1, last: at });
    }
  }
  output.announce(`${all} dead letters in '${topic}'`);
  const sorted = [...groups].sort(([, a], [, b]) => b.count - a.count);
  for (const [name, { count, first, last }] of sorted) {
    output.announce(`  ${count} ${name}, from ${first} to ${last}`);
  }
  return exitCodes.clean;
}

function groupOf({ error }: DeadLetter): string {
  const of = (name: string) => error.get(name) ?? '?';
  return `${of('code')} at '${of('node')}' of '${of('topic')}'`;
}

async function show(
  { log, topic }: Letters,
  { partition, offset }: DlqPlace,
  { settings: { payload }, host: { output } }: ShowParts,
): Promise<number> {
  const letter = await letterAt({ log, topic }, { partition, offset });
  if (letter === null) {
    output.announce(`There is no record at ${partition}:${offset} of '${topic}'.`);
    return exitCodes.failed;
  }
  for (const line of errorLines(letter)) output.announce(line);
  output.announce(`  key: ${payloadText(letter.key, payload)}`);
  output.announce(`  value: ${payloadText(letter.value, payload)}`);
  return exitCodes.clean;
}

interface ShowParts {
  readonly settings: DlqSettings;
  readonly host: UpkeepHost;
}

async function letterAt(
  { log, topic }: Letters,
  { partition, offset }: DlqPlace,
): Promise<DeadLetter | null> {
  if (partition >= (await partitionsOfTopic(log, topic))) return null;
  for await (const letter of deadLettersIn(log, { topic, partition }, offset)) {
    return letter.offset === offset ? letter : null;
  }
  return null;
}

async function replay(
  { log, topic }: Letters,
  { filter, isAgain, isDry }: DlqSettings,
  { output, runtime: { clock } }: UpkeepHost,
): Promise<number> {
  const options = { log, clock, topic, filter, isAgain, isDry };
  const { sent, before, left } = await replayDeadLetters(options);
  const verb = isDry ? 'would be sent' : 'were sent';
  for (const [to, count] of sent) output.announce(`${count} records ${verb} back to '${to}'`);
  if (sent.size === 0) output.announce(`No records ${verb} back.`);
  if (before > 0) output.announce(`${before} were replayed before: --again sends them once more`);
  for (const [reason, count] of left) output.announce(`${count} stay where they are: ${reason}`);
  return exitCodes.clean;
}
