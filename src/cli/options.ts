import { parseArgs } from 'node:util';
import { UsageError } from './exit-codes.ts';

/** How a supervisor tells a worker process which one it is; not for users. */
export const workerIndexOption = '--worker-index';

export const commandNames = ['run', 'reset', 'topics', 'dlq', 'topologies'] as const;

export type CommandName = (typeof commandNames)[number];

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

const logOptions = {
  brokers: text,
  embedded: text,
  'client-id': text,
  ssl: flag,
  'sasl-mechanism': text,
  'sasl-username': text,
} as const;

const outputOptions = { 'log-format': text, 'log-level': text, help: flag, version: flag } as const;

const runOptions = {
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
  accept: texts,
  http: text,
  'http-host': text,
  'http-plaintext': flag,
  set: texts,
} as const;

const resetOptions = { store: text, 'state-dir': text, 'dry-run': flag, yes: flag, set: texts };
const topicsOptions = { create: flag, orphans: flag, delete: flag, yes: flag, set: texts } as const;
const dlqOptions = {
  code: text,
  node: text,
  topic: text,
  from: texts,
  to: texts,
  at: text,
  payload: text,
  again: flag,
  'dry-run': flag,
  set: texts,
} as const;

const topologiesOptions = { json: flag } as const;

const options = {
  ...logOptions,
  ...runOptions,
  ...resetOptions,
  ...topicsOptions,
  ...dlqOptions,
  ...topologiesOptions,
  ...outputOptions,
  'worker-index': text,
} as const;

const optionsOf: Readonly<Record<CommandName, object>> = {
  run: { ...runOptions, 'worker-index': text },
  reset: resetOptions,
  topics: topicsOptions,
  dlq: dlqOptions,
  topologies: topologiesOptions,
};

export type Values = ReturnType<typeof parse>['values'];

/** @throws {UsageError} */
export function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals: true, options });
  } catch (cause) {
    throw new UsageError(parseProblem(cause), { cause });
  }
}

export function isCommand(name: string | undefined): name is CommandName {
  return commandNames.some((command) => command === name);
}

/** What another command takes is refused: it would be passed over without a word. */
export function checkOptions(command: CommandName, values: Values): void {
  const log = command === 'topologies' ? {} : logOptions;
  const known = { ...log, ...outputOptions, ...optionsOf[command] };
  const other = Object.keys(values).find((name) => !Object.hasOwn(known, name));
  if (other !== undefined) throw new UsageError(`--${other} is no option of '${command}'.`);
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
