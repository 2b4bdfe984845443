import { type Duration, durationMs } from '../core/model/duration.ts';
import type { Log } from '../core/log/port.ts';
import type { Logger } from '../core/runtime/logger.ts';
import type { RunOptions } from '../core/worker/run-options.ts';
import type { ApplicationOptions } from './application.ts';
import type { RunSettings } from './arguments.ts';

const defaultHeartbeatMs = 3_000;

/** Options of a worker: those of the application, above them those of the command line. */
export function workerOptions(
  { overrides, workerIndex }: Pick<RunSettings, 'overrides' | 'workerIndex'>,
  application: ApplicationOptions,
  { log, logger }: { readonly log: Log; readonly logger: Logger },
): RunOptions {
  const options = { logger, ...application, ...overrides, log };
  const { instanceId, sessionTimeout, heartbeatInterval } = options;
  return {
    ...options,
    ...(instanceId === undefined ? {} : { instanceId: instanceIdOf(instanceId, workerIndex) }),
    ...(sessionTimeout === undefined || heartbeatInterval !== undefined
      ? {}
      : { heartbeatInterval: heartbeatFor(sessionTimeout) }),
  };
}

/** Workers of one supervisor share the options, and no two may have one name. */
function instanceIdOf(name: string, workerIndex: number | null): string {
  return workerIndex === null ? name : `${name}-${workerIndex}`;
}

/** A session is at least three heartbeats long. */
function heartbeatFor(sessionTimeout: Duration): number {
  return Math.min(defaultHeartbeatMs, Math.floor(durationMs(sessionTimeout) / 3));
}
