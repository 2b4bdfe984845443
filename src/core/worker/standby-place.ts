import type { Reader } from '../log/port.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { MaybePromise } from '../model/maybe-promise.ts';
import { type FollowedTask, StandbyCopy } from './standby-copy.ts';
import type { CopyStatus } from './worker.ts';
import type { CopyReport } from './user-data.ts';

/** A warm-up that takes longer is not waited for. */
const maxWarmUpMs = 10 * 60_000;
/** One that fails so often in a row neither. */
const maxFailures = 3;
const minBackOffMs = 1_000;
const maxBackOffMs = 60_000;

/** A task of its own kind of life: it is opened and closed, but never started. */
export interface StandbyTask extends FollowedTask {
  open(): MaybePromise<void>;
  close(options: { readonly clean: boolean }): MaybePromise<void>;
}

export interface StandbyPlaceOptions {
  readonly runtime: Runtime;
  readonly reader: Reader;
  readonly create: () => StandbyTask;
}

/** A copy that this worker keeps, from its opening to its close; opened anew when it fails. */
export class StandbyPlace {
  isLeaving = false;
  /** Whether somebody was told that the warm-up is over. */
  hasToldReady = false;
  private open: { readonly task: StandbyTask; readonly copy: StandbyCopy } | null = null;
  private restoredBefore = 0;
  private failures = 0;
  private waitUntilMs = -Infinity;
  /** When it began to be a warm-up; null: it is a standby. */
  private warmUpSinceMs: number | null = null;
  private lastPosition = 0;

  constructor(
    readonly id: string,
    private readonly options: StandbyPlaceOptions,
  ) {}

  keepAs(kind: CopyStatus['kind']): void {
    this.warmUpSinceMs = kind === 'standby' ? null : (this.warmUpSinceMs ?? this.nowMs);
  }

  get isWarmUp(): boolean {
    return this.warmUpSinceMs !== null;
  }

  /** The copy, opened if it was not; null while it waits after a failure, or leaves. */
  async opened(): Promise<StandbyCopy | null> {
    if (this.isLeaving || this.nowMs < this.waitUntilMs) return null;
    if (this.open !== null) return this.open.copy;
    const { runtime, reader, create } = this.options;
    const task = create();
    try {
      await task.open();
    } catch (error) {
      await task.close({ clean: false });
      throw error;
    }
    const isCancelled = () => this.isLeaving;
    this.open = { task, copy: new StandbyCopy(task, reader, { runtime, isCancelled }) };
    return this.open.copy;
  }

  hasStepped(): void {
    this.failures = 0;
  }

  /** Closes it after a failure; it is opened again after a while. */
  async failed(): Promise<void> {
    this.failures += 1;
    const delayMs = Math.min(maxBackOffMs, minBackOffMs * 2 ** (this.failures - 1));
    this.waitUntilMs = this.nowMs + delayMs;
    await this.close(false);
  }

  async close(clean: boolean): Promise<void> {
    const { open } = this;
    this.open = null;
    if (open === null) return;
    this.restoredBefore += open.copy.restoredRecords;
    this.lastPosition = clean ? open.copy.position : 0;
    await open.task.close({ clean });
  }

  /** The warm-up is over, one way or another. */
  get isReady(): boolean {
    if (this.open?.copy.isReady === true) return true;
    if (this.warmUpSinceMs === null) return false;
    return this.failures >= maxFailures || this.nowMs - this.warmUpSinceMs >= maxWarmUpMs;
  }

  get report(): CopyReport {
    const position = this.open?.copy.position ?? this.lastPosition;
    return { position, isReady: this.isReady };
  }

  get status(): CopyStatus {
    return {
      task: this.id,
      kind: this.isWarmUp ? 'warm-up' : 'standby',
      isReady: this.isReady,
      restoredRecords: this.restoredBefore + (this.open?.copy.restoredRecords ?? 0),
    };
  }

  private get nowMs(): number {
    return this.options.runtime.clock.monotonicTimeMs();
  }
}
