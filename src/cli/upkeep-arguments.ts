import type { Environment, OutputSettings } from './arguments.ts';
import { dlqAction, dlqSettings, type DlqSettings } from './dlq-arguments.ts';
import { UsageError } from './exit-codes.ts';
import { type LogChoice, logChoice } from './log-choice.ts';
import type { CommandName, Values } from './options.ts';
import { logLevels } from './output/output.ts';
import { checkReadyMade } from './ready-made-name.ts';
import { keyValue, oneOf } from './values.ts';

/** A command that looks after a stopped application. */
export type UpkeepCommand =
  | { readonly type: 'reset'; readonly settings: ResetSettings }
  | { readonly type: 'topics'; readonly settings: TopicsSettings }
  | { readonly type: 'dlq'; readonly settings: DlqSettings };

export interface UpkeepSettings {
  /** The application module, or for `dlq` a topic, as given. */
  readonly file: string;
  readonly log: LogChoice;
  readonly applicationSettings: Readonly<Record<string, string>>;
  readonly output: OutputSettings;
}

export interface ResetSettings extends UpkeepSettings {
  /** Null: the whole application. */
  readonly store: string | null;
  /** Null: what the application says. */
  readonly stateDir: string | null;
  readonly decision: Decision;
}

export interface TopicsSettings extends UpkeepSettings {
  readonly creates: boolean;
  readonly showsOrphans: boolean;
  /** Null: orphans are listed only. */
  readonly deletion: Decision | null;
}

/** Whether what cannot be undone is done. `open`: nobody has said, so it is not, and that fails. */
export type Decision = 'yes' | 'dry-run' | 'open';

export interface GivenArguments {
  readonly values: Values;
  readonly environment: Environment;
}

/** @throws {UsageError} */
export function upkeepCommand(
  command: UpkeepCommand['type'],
  named: readonly string[],
  { values, environment }: GivenArguments,
): UpkeepCommand {
  const asked = command === 'dlq' ? dlqAction(named) : null;
  const settings = {
    file: applicationFile(command, asked?.named ?? named),
    log: logChoice(values, environment),
    applicationSettings: applicationSettings(values),
    output: outputSettings(values),
  };
  if (asked !== null) {
    return { type: 'dlq', settings: dlqSettings(settings, asked.action, values) };
  }
  if (command === 'topics') return { type: command, settings: topicsSettings(settings, values) };
  const { store = null, 'state-dir': stateDir = null } = values;
  const decision = decisionOf(values);
  return { type: 'reset', settings: { ...settings, store, stateDir, decision } };
}

/** @throws {UsageError} */
export function applicationFile(command: CommandName, named: readonly string[]): string {
  const [file, ...rest] = named;
  if (file === undefined) {
    throw new UsageError(`Name the application: 'millrace ${command} APP.js'.`);
  }
  if (rest.length === 0) {
    checkReadyMade(file);
    return file;
  }
  throw new UsageError(`One application at a time, and '${rest.join(' ')}' is left over.`);
}

/** @throws {UsageError} */
export function applicationSettings({ set = [] }: Values): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>();
  for (const [key, value] of set.map((pair) => keyValue('--set', pair))) {
    if (pairs.has(key)) throw new UsageError(`--set '${key}=${value}': ${key} was set before.`);
    pairs.set(key, value);
  }
  return Object.fromEntries(pairs);
}

/** @throws {UsageError} */
export function outputSettings(values: Values): OutputSettings {
  return {
    format: oneOf('--log-format', values['log-format'] ?? 'text', ['text', 'json']),
    level: oneOf('--log-level', values['log-level'] ?? 'info', logLevels),
  };
}

function topicsSettings(settings: UpkeepSettings, values: Values): TopicsSettings {
  const { create = false, orphans = false, delete: deletes = false, yes = false } = values;
  if (deletes && !orphans) throw new UsageError('--delete is of orphans: give --orphans with it.');
  if (yes && !deletes) throw new UsageError('--yes is for --orphans --delete.');
  const deletion = deletes ? decisionOf(values) : null;
  return { ...settings, creates: create, showsOrphans: orphans, deletion };
}

function decisionOf({ yes = false, 'dry-run': isDry = false }: Values): Decision {
  if (yes && isDry) throw new UsageError('Give --yes or --dry-run, not both.');
  if (yes) return 'yes';
  return isDry ? 'dry-run' : 'open';
}
