import { type Duration, durationMs } from '../model/duration.ts';
import type { DropReason, ErrorPolicy, ErrorStage } from '../model/drop-reason.ts';
import { ConfigError, type MillraceError } from '../model/errors.ts';
import type { StreamRecord } from '../model/record.ts';
import type { Log } from '../log/port.ts';
import { type HttpOptions, type HttpSettings, httpSettings } from '../metrics/http/http-options.ts';
import type { Logger } from '../runtime/logger.ts';
import { silentLogger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { systemRuntime } from '../runtime/system-runtime.ts';
import type { StateBackend } from '../task/state-port.ts';
import type { DropPlace } from '../task/task-port.ts';

/** How a topology is run. */
export interface RunOptions {
  /** Where records come from and go to: `kafka(...)` or `embedded(...)`. */
  readonly log: Log;
  /** Default `'exactly-once'`. */
  readonly guarantee?: 'exactly-once' | 'at-least-once';
  /** Where local state lies. Workers of one machine share it. Default `'./.millrace'`. */
  readonly stateDir?: string;
  /** Keeps the local state; default: LevelDB below `stateDir`. */
  readonly state?: StateBackend;
  /**
   * Names this worker to the group and to the log's transactions; stable over restarts and unlike
   * any other worker's. Default: a random id kept below `stateDir`.
   */
  readonly instanceId?: string;
  /** Default 100 ms, for both guarantees. */
  readonly commitInterval?: Duration;
  /** How often the worker tells the group that it lives, and learns of rebalances. Default 3 s. */
  readonly heartbeatInterval?: Duration;
  /** A worker that is silent for longer loses its tasks to others. Default 45 s. */
  readonly sessionTimeout?: Duration;
  /** How long a task waits for an input that may have older records. Default 30 seconds. */
  readonly maxTaskIdle?: Duration | 'forever';
  /** Uncommitted state above this asks for an early commit. Default 64 MiB per worker. */
  readonly maxDirtyBytes?: number;
  /**
   * Decoded rows kept in memory, shared out evenly among the tasks that the worker has when one is
   * created. Default 64 MiB per worker.
   */
  readonly maxCacheBytes?: number;
  /**
   * Copies of each task's state that other workers keep up to date, so that a task goes on at once
   * when its worker dies. Each is on a worker with another `stateDir`. Default 0.
   */
  readonly standbyReplicas?: number;
  /** `'check'`: internal topics are not made, only checked. Default `'create'`. */
  readonly internalTopics?: 'create' | 'check';
  /**
   * Changes of the topology to start with although they are refused, `<code>:<name>` as the refusal
   * says. Nothing is deleted or rewritten; docs/UPGRADING.md says what becomes of the state.
   */
  readonly accept?: readonly string[];
  /**
   * `'open'` compares all rows of the local state with their checksum when a task opens,
   * `'default'` each when it is read.
   */
  readonly verify?: 'default' | 'open';
  /** Told what the worker does and what fails, as a sink that is down. Default: nobody. */
  readonly logger?: Logger;
  /**
   * Decides about a record in error before the policy of its node does; null leaves it to that.
   * A throw counts as `'fail'`.
   */
  readonly onError?: (error: MillraceError, stage: ErrorStage) => ErrorPolicy | null;
  /** Told of each dropped record. */
  readonly onDropped?: (
    reason: DropReason,
    record: StreamRecord<unknown, unknown>,
    place: DropPlace,
  ) => void;
  /** Answers Prometheus and whoever looks after the process. Default: nobody is answered. */
  readonly http?: HttpOptions;
  /** Time, chance and scheduling: the system's unless a simulation passes its own. */
  readonly runtime?: Runtime;
}

/** The options with their defaults, as numbers. */
export interface WorkerSettings {
  readonly log: Log;
  readonly isExactlyOnce: boolean;
  readonly stateDir: string;
  readonly instanceId: string | null;
  readonly commitIntervalMs: number;
  readonly heartbeatIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly maxTaskIdleMs: number;
  readonly maxDirtyBytes: number;
  readonly maxCacheBytes: number;
  readonly standbyReplicas: number;
  /** Whether local state lies below `stateDir`, as far as is known. */
  readonly usesStateDir: boolean;
  readonly createsTopics: boolean;
  readonly accept: readonly string[];
  readonly logger: Logger;
  readonly onError: ((error: MillraceError, stage: ErrorStage) => ErrorPolicy | null) | null;
  readonly onDropped: RunOptions['onDropped'] | null;
  readonly verify: 'default' | 'open';
  /** Null: nobody asks for metrics or health. */
  readonly http: HttpSettings | null;
  readonly runtime: Runtime;
  readonly backend: StateBackend;
}

/** What the default backend is made of. */
export type BackendSettings = Omit<WorkerSettings, 'backend'>;

const mebibyte = 1024 * 1024;
const maxReplicas = 10;

/** @throws {ConfigError} `BAD_OPTION`, `BAD_DURATION`. */
export function workerSettings(
  options: RunOptions,
  defaultBackend: (settings: BackendSettings) => StateBackend,
): WorkerSettings {
  const { guarantee = 'exactly-once', maxTaskIdle = '30 seconds' } = options;
  const commitIntervalMs = durationMs(options.commitInterval ?? '100ms', 'commitInterval');
  if (commitIntervalMs === 0) throw badOption('commitInterval', 'must be above 0');
  if (guarantee !== 'exactly-once' && guarantee !== 'at-least-once') {
    throw badOption('guarantee', "is 'exactly-once' or 'at-least-once'");
  }
  const settings = {
    log: options.log,
    isExactlyOnce: guarantee === 'exactly-once',
    stateDir: options.stateDir ?? './.millrace',
    instanceId: instanceId(options.instanceId),
    commitIntervalMs,
    ...membershipTimes(options),
    maxTaskIdleMs: maxTaskIdle === 'forever' ? Infinity : durationMs(maxTaskIdle, 'maxTaskIdle'),
    maxDirtyBytes: bytes('maxDirtyBytes', options.maxDirtyBytes ?? 64 * mebibyte),
    maxCacheBytes: bytes('maxCacheBytes', options.maxCacheBytes ?? 64 * mebibyte),
    standbyReplicas: replicas(options.standbyReplicas ?? 0),
    usesStateDir: options.state === undefined || options.stateDir !== undefined,
    createsTopics: options.internalTopics !== 'check',
    accept: options.accept ?? [],
    logger: options.logger ?? silentLogger,
    onError: options.onError ?? null,
    onDropped: options.onDropped ?? null,
    verify: options.verify ?? 'default',
    http: options.http === undefined ? null : httpSettings(options.http),
    runtime: options.runtime ?? systemRuntime,
  };
  return { ...settings, backend: options.state ?? defaultBackend(settings) };
}

/** Time-outs nest: heartbeat < session / 3, so that two may be lost. */
function membershipTimes({ heartbeatInterval = '3s', sessionTimeout = '45s' }: RunOptions) {
  const heartbeatIntervalMs = durationMs(heartbeatInterval, 'heartbeatInterval');
  const sessionTimeoutMs = durationMs(sessionTimeout, 'sessionTimeout');
  if (heartbeatIntervalMs > 0 && heartbeatIntervalMs * 3 <= sessionTimeoutMs) {
    return { heartbeatIntervalMs, sessionTimeoutMs };
  }
  throw badOption('heartbeatInterval', 'is above 0 and at most a third of sessionTimeout');
}

function instanceId(given: string | undefined): string | null {
  if (given === undefined) return null;
  if (/^[A-Za-z0-9._-]{1,100}$/.test(given)) return given;
  throw badOption('instanceId', 'takes 1 to 100 of A-Z a-z 0-9 . _ -');
}

function bytes(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw badOption(name, 'is a whole number of bytes');
}

function replicas(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= maxReplicas) return value;
  throw badOption('standbyReplicas', `is a whole number from 0 to ${maxReplicas}`);
}

function badOption(name: string, rule: string): ConfigError {
  return new ConfigError('BAD_OPTION', `The option '${name}' ${rule}.`);
}
