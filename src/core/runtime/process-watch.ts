import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a process takes of its machine. */
export interface ProcessFigures {
  readonly startTimeMs: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly externalBytes: number;
  /** Since the reading before. */
  readonly eventLoopDelay: EventLoopDelay;
}

/** How late the event loop comes to what is due, in seconds. */
export interface EventLoopDelay {
  readonly mean: number;
  readonly p99: number;
  readonly max: number;
}

export interface ProcessWatch {
  read(): ProcessFigures;
  stop(): void;
}

/** How often the delay is looked at; it is part of what the monitor measures. */
const resolutionMs = 20;

export function watchProcess(): ProcessWatch {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return {
    read() {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
      const eventLoopDelay = {
        mean: secondsOf(delay.mean),
        p99: secondsOf(delay.percentile(99)),
        max: secondsOf(delay.max),
      };
      delay.reset();
      return {
        startTimeMs: performance.timeOrigin,
        cpuSeconds: (user + system) / 1e6,
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        externalBytes: external,
        eventLoopDelay,
      };
    },
    stop: () => void delay.disable(),
  };
}

/** Between two readings close to each other nothing was measured. */
function secondsOf(nanoseconds: number): number {
  const isMeasured = Number.isFinite(nanoseconds) && nanoseconds < Number.MAX_SAFE_INTEGER;
  return isMeasured ? Math.max(0, nanoseconds / 1e9 - resolutionMs / 1_000) : 0;
}
