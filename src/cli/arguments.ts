import { parseArgs } from 'node:util';
import { type LogLevel, logLevels } from './output/output.ts';
import { UsageError } from './exit-codes.ts';
import { type LogChoice, logChoice } from './log-choice.ts';
import { durationMs, keyValue, oneOf, optional, wholeNumber } from './values.ts';

export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'run'; readonly settings: RunSettings };

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
}

export interface OutputSettings {
  readonly format: 'text' | 'json';
  readonly level: LogLevel;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a supervisor tells a worker process which one it is; not for users. */
export const workerIndexOption = '--worker-index';

const defaultMaxRestarts = 10;
/** Below the 30 seconds that Kubernetes grants by default. */
const defaultStopTimeout = '25s';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const options = {
  brokers: text,
  embedded: text,
  'client-id': text,
  ssl: flag,
  'sasl-mechanism': text,
  'sasl-username': text,
  workers: text,
  'max-restarts': text,
  'stop-timeout': text,
  'state-dir': text,
  'instance-id': text,
  guarantee: text,
  'commit-interval': text,
  'session-timeout': text,
  'standby-replicas': text,
  'internal-topics': text,
  set: { type: 'string', multiple: true },
  'log-format': text,
  'log-level': text,
  'worker-index': text,
  help: flag,
  version: flag,
} as const;

type Values = ReturnType<typeof parse>['values'];

/** @throws {UsageError} */
export function parseCommand(args: readonly string[], environment: Environment): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { type: 'help' };
  if (values.version === true) return { type: 'version' };
  const [command, file, ...rest] = positionals;
  if (command !== 'run') {
    const given = command === undefined ? 'No command was given' : `Unknown command '${command}'`;
    throw new UsageError(`${given}: the command is 'run'.`);
  }
  if (file === undefined) throw new UsageError("Name the application: 'millrace run APP.js'.");
  if (rest.length > 0) {
    throw new UsageError(`One application is run at a time, and '${rest.join(' ')}' is left over.`);
  }
  return { type: 'run', settings: runSettings(file, values, environment) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals: true, options });
  } catch (cause) {
    throw new UsageError(parseProblem(cause), { cause });
  }
}

function parseProblem(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const unknown = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
  if (unknown === undefined) return message;
  if (unknown.startsWith('--sasl-pass')) {
    return `${unknown}: an argument is seen by every user; set MILLRACE_SASL_PASSWORD instead.`;
  }
  const known = Object.keys(options).filter((name) => `--${name}` !== workerIndexOption);
  return `Unknown option '${unknown}'. Known are: ${known.map((name) => `--${name}`).join(' ')}`;
}

function runSettings(file: string, values: Values, environment: Environment): RunSettings {
  const workers = optional(values.workers, (given) => wholeNumber('--workers', given, 1));
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
    workerIndex: optional(values['worker-index'], (given) =>
      wholeNumber(workerIndexOption, given, 1),
    ),
    maxRestarts:
      optional(values['max-restarts'], (given) => wholeNumber('--max-restarts', given, 0)) ??
      defaultMaxRestarts,
    stopTimeoutMs: durationMs('--stop-timeout', values['stop-timeout'] ?? defaultStopTimeout),
    overrides: runOverrides(values),
    applicationSettings: Object.fromEntries(
      (values.set ?? []).map((pair) => keyValue('--set', pair)),
    ),
    output: {
      format: oneOf('--log-format', values['log-format'] ?? 'text', ['text', 'json']),
      level: oneOf('--log-level', values['log-level'] ?? 'info', logLevels),
    },
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
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

/** Short enough for the number of a worker behind it. */
function instanceId(name: string): string {
  if (/^[A-Za-z0-9._-]{1,90}$/.test(name)) return name;
  throw new UsageError(`--instance-id '${name}': takes 1 to 90 of A-Z a-z 0-9 . _ -`);
}
