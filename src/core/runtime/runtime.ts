/** Wall clock. The only door to the time of the outside world. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  wallClockTimeMs(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicTimeMs(): number;
}

export interface RandomSource {
  /** Uniform in [0, 1). */
  next(): number;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
}

export interface ScheduledCall {
  cancel(): void;
}

/** Lets the event loop run, and calls back later. */
export interface Scheduler {
  /** Resolves after other work of the process had its turn. */
  yieldNow(): Promise<void>;
  /** Calls once after `delayMs`. Only with `keepsAlive` does the wait keep the process alive. */
  after(delayMs: number, call: () => void, keepsAlive?: boolean): ScheduledCall;
  /** Resolves after `delayMs`; keeps the process alive. */
  sleep(delayMs: number): Promise<void>;
}

/** Time, chance and scheduling, passed in wherever they are needed. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly scheduler: Scheduler;
}
