import { Histogram } from '../model/histogram.ts';

/** Of one commit interval; what comes after them is not measured. */
const maxSamplesPerInterval = 1_000;

const microsecond = 1e-6;
const processBounds = [1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 10_000, 100_000, 1_000_000].map(
  (micros) => Number((micros * microsecond).toPrecision(3)),
);
const endToEndBounds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600];

/** How long records take, in seconds, over all tasks that share it. */
export class Latencies {
  /** From the moment a record is taken until all that follows from it in its task is done. */
  readonly process = new Histogram(processBounds);
  /** From the timestamp of a record until what follows from it in its task is committed. */
  readonly endToEnd = new Histogram(endToEndBounds);
}

/** What is measured of one task: so few of its records that their pace does not show it. */
export class LatencySamples {
  /** Timestamps of records that were measured since the last commit was prepared. */
  private open: number[] = [];
  private prepared: readonly number[] = [];

  constructor(private readonly latencies: Latencies) {}

  add(timestamp: number, elapsedMs: number): void {
    this.latencies.process.observe(elapsedMs / 1_000);
    if (this.open.length < maxSamplesPerInterval) this.open.push(timestamp);
  }

  closeInterval(): void {
    this.prepared = this.open;
    this.open = [];
  }

  /** What was measured before the last `closeInterval` can be read by others from now on. */
  committed(nowMs: number): void {
    for (const timestamp of this.prepared) {
      // A timestamp may lie ahead of the clock.
      this.latencies.endToEnd.observe(Math.max(0, nowMs - timestamp) / 1_000);
    }
    this.prepared = [];
  }
}
