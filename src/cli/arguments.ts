import type { HttpOptions } from '../core/metrics/http/http-options.ts';
import type { LogLevel } from './output/output.ts';
import { UsageError } from './exit-codes.ts';
import { type LogChoice, logChoice } from './log-choice.ts';
import {
  checkOptions,
  commandNames,
  isCommand,
  parse,
  type Values,
  workerIndexOption,
} from './options.ts';
import { topologiesSettings, type TopologiesSettings } from './topologies-arguments.ts';
import {
  applicationFile,
  applicationSettings,
  outputSettings,
  upkeepCommand,
  type UpkeepCommand,
} from './upkeep-arguments.ts';
import { httpOverride } from './http-arguments.ts';
import { durationMs, oneOf, optional, wholeNumber } from './values.ts';

export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'run'; readonly settings: RunSettings }
  | { readonly type: 'topologies'; readonly settings: TopologiesSettings }
  | UpkeepCommand;

/** What `millrace run` was told, checked. */
export interface RunSettings {
  /** The application module, as given. */
  readonly file: string;
  readonly log: LogChoice;
  /** Null: one worker, in this process. */
  readonly workers: number | null;
  /** Set in a process that a supervisor started: which of its workers this is, from 1. */
  readonly workerIndex: number | null;
  readonly maxRestarts: number;
  readonly stopTimeoutMs: number;
  readonly overrides: RunOverrides;
  /** What the application is given. */
  readonly applicationSettings: Readonly<Record<string, string>>;
  readonly output: OutputSettings;
}

/** Options of `run` that stand above those of the application; absent where not given. */
export interface RunOverrides {
  readonly stateDir?: string;
  readonly instanceId?: string;
  readonly guarantee?: 'exactly-once' | 'at-least-once';
  readonly commitInterval?: number;
  readonly sessionTimeout?: number;
  readonly standbyReplicas?: number;
  readonly internalTopics?: 'create' | 'check';
  readonly accept?: readonly string[];
  readonly http?: HttpOptions;
}

export interface OutputSettings {
  readonly format: 'text' | 'json';
  readonly level: LogLevel;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const defaultMaxRestarts = 10;
/** Below the 30 seconds that Kubernetes grants by default. */
const defaultStopTimeout = '25s';

/** @throws {UsageError} */
export function parseCommand(args: readonly string[], environment: Environment): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { type: 'help' };
  if (values.version === true) return { type: 'version' };
  const [command, ...named] = positionals;
  if (!isCommand(command)) {
    const given = command === undefined ? 'No command was given' : `Unknown command '${command}'`;
    throw new UsageError(`${given}: the commands are ${commandNames.join(', ')}.`);
  }
  checkOptions(command, values);
  if (command === 'topologies') {
    return { type: command, settings: topologiesSettings(named, values) };
  }
  if (command !== 'run') return upkeepCommand(command, named, { values, environment });
  const file = applicationFile(command, named);
  return { type: 'run', settings: runSettings(file, values, environment) };
}

function runSettings(file: string, values: Values, environment: Environment): RunSettings {
  const workers = optional(values.workers, (given) => wholeNumber('--workers', given, 1));
  const workerIndex = optional(values['worker-index'], (given) =>
    wholeNumber(workerIndexOption, given, 1),
  );
  const log = logChoice(values, environment);
  if (log.type === 'embedded' && (workers ?? 1) > 1) {
    throw new UsageError(
      `--workers ${workers}: an embedded log serves one process; give --workers 1, or --brokers.`,
    );
  }
  return {
    file,
    log,
    workers,
    workerIndex,
    maxRestarts:
      optional(values['max-restarts'], (given) => wholeNumber('--max-restarts', given, 0)) ??
      defaultMaxRestarts,
    stopTimeoutMs: durationMs('--stop-timeout', values['stop-timeout'] ?? defaultStopTimeout),
    overrides: { ...runOverrides(values), ...httpOverride(values, workerIndex, environment) },
    applicationSettings: applicationSettings(values),
    output: outputSettings(values),
  };
}

function runOverrides(values: Values): RunOverrides {
  const given = {
    stateDir: values['state-dir'] ?? null,
    instanceId: optional(values['instance-id'], instanceId),
    guarantee: optional(values.guarantee, (name) =>
      oneOf('--guarantee', name, ['exactly-once', 'at-least-once']),
    ),
    commitInterval: optional(values['commit-interval'], (duration) =>
      durationMs('--commit-interval', duration, 1),
    ),
    sessionTimeout: optional(values['session-timeout'], (duration) =>
      durationMs('--session-timeout', duration, 3),
    ),
    standbyReplicas: optional(values['standby-replicas'], (count) =>
      wholeNumber('--standby-replicas', count, 0),
    ),
    internalTopics: optional(values['internal-topics'], (name) =>
      oneOf('--internal-topics', name, ['create', 'check']),
    ),
    accept: values.accept?.map(acceptedRefusal) ?? null,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

/** Short enough for the number of a worker behind it. */
function instanceId(name: string): string {
  if (/^[A-Za-z0-9._-]{1,90}$/.test(name)) return name;
  throw new UsageError(`--instance-id '${name}': takes 1 to 90 of A-Z a-z 0-9 . _ -`);
}

/** As a refusal names it; what it does not name cannot be accepted. */
function acceptedRefusal(text: string): string {
  if (/^(STORE_MISSING|FORMAT_CHANGED|PARTITIONING_CHANGED):./.test(text)) return text;
  throw new UsageError(
    `--accept '${text}': write CODE:NAME as a refusal says it, such as FORMAT_CHANGED:counts.`,
  );
}
