import { type Duration, durationMs } from '../../core/model/duration.ts';
import { ConfigError } from '../../core/model/errors.ts';
import type { UnlimitedWindows } from '../../core/model/unlimited.ts';

export interface OnUpdate {
  readonly kind: 'on-update';
}

export interface OnClose {
  readonly kind: 'on-close';
}

export interface OnCommit {
  readonly kind: 'on-commit';
}

export interface Every {
  readonly kind: 'every';
  readonly everyMs: number;
  readonly by: 'stream-time' | 'wall-clock';
}

export interface EveryOptions {
  /** Default `'stream-time'`; the worker's clock makes results that cannot be reproduced. */
  readonly by?: 'stream-time' | 'wall-clock';
}

/** When the results of an aggregation leave. */
export type EmitPolicy = OnUpdate | OnCommit | Every;

/** When the results of a windowed aggregation leave. */
export type WindowedEmitPolicy = EmitPolicy | OnClose;

/** What fits the windows: those that never close have no end to emit at. */
export type EmitPolicyOf<Windows> = Windows extends UnlimitedWindows
  ? EmitPolicy
  : WindowedEmitPolicy;

/** One change for each accepted record and window it updated, at once. */
export function onUpdate(): OnUpdate {
  return onUpdatePolicy;
}

/** One row per key and window, once it has closed; nothing else. */
export function onClose(): OnClose {
  return onClosePolicy;
}

/** What has changed since the last commit, inside the commit: cheap, and not reproducible. */
export function onCommit(): OnCommit {
  return onCommitPolicy;
}

/**
 * What has changed of a key, at the next multiple of `every` in stream time.
 *
 * @example
 * ```ts
 * every('10s'); // => { kind: 'every', everyMs: 10_000, by: 'stream-time' }
 * ```
 * @throws {ConfigError} `BAD_EMIT` if the duration is 0; `BAD_DURATION`.
 */
export function every(duration: Duration, { by = 'stream-time' }: EveryOptions = {}): Every {
  const everyMs = durationMs(duration, 'every');
  if (everyMs === 0) throw new ConfigError('BAD_EMIT', 'every: the duration must be above 0.');
  return Object.freeze({ kind: 'every', everyMs, by });
}

const onUpdatePolicy: OnUpdate = Object.freeze({ kind: 'on-update' });
const onClosePolicy: OnClose = Object.freeze({ kind: 'on-close' });
const onCommitPolicy: OnCommit = Object.freeze({ kind: 'on-commit' });
