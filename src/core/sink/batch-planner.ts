import type { Clock } from '../runtime/runtime.ts';
import type { Plan } from './delivery-row.ts';
import type { OutboxRows } from './outbox-rows.ts';
import type { BatchBounds } from './sink.ts';

/** Whole batches, and those that look for a refused row, follow each other so much faster. */
const haste = 10;

/** The least time between two batches of one delivery that the sink applies. */
export function minIntervalMs({ maxDelayMs }: BatchBounds): number {
  return maxDelayMs / haste;
}

/** When the rows that wait are planned as a batch, and how many of them. */
export class BatchPlanner {
  /** Of the next batch: fewer than the bound after a refusal, doubling with each success. */
  maxRows: number;
  /** The plan that was refused and is to be split; null: none. */
  refused: Plan | null = null;
  private lastAppliedMs = -Infinity;
  /** When the oldest row of the batch under way came, and of those behind it. */
  private plannedSinceMs: number | null = null;
  private waitingSinceMs: number | null = null;

  constructor(
    private readonly bounds: BatchBounds,
    private readonly clock: Clock,
  ) {
    this.maxRows = bounds.maxRows;
  }

  rowsCame(): void {
    this.waitingSinceMs ??= this.nowMs;
  }

  /** Whether the rows make a batch by their number and size, or by the time they have waited. */
  isDue(rows: OutboxRows): boolean {
    if (this.refused !== null) return true;
    if (rows.count === 0) return false;
    if (this.isWhole(rows)) return true;
    const { maxDelayMs } = this.bounds;
    if (this.nowMs - this.lastAppliedMs < maxDelayMs) return false;
    return this.nowMs - (this.waitingSinceMs ?? 0) >= maxDelayMs;
  }

  /** How long a batch that is planned has to wait before it is sent. */
  get pauseMs(): number {
    return Math.max(0, this.lastAppliedMs + minIntervalMs(this.bounds) - this.nowMs);
  }

  /** By their number and size. */
  isWhole(rows: OutboxRows): boolean {
    return this.isSplitting || rows.isWhole(this.maxRows);
  }

  hasPlanned(): void {
    this.refused = null;
    this.plannedSinceMs ??= this.waitingSinceMs;
    this.waitingSinceMs = null;
  }

  hasApplied(hasMore: boolean): void {
    this.lastAppliedMs = this.nowMs;
    this.plannedSinceMs = null;
    if (hasMore) this.rowsCame();
    this.maxRows = Math.min(this.bounds.maxRows, this.maxRows * 2);
  }

  hasRefused(plan: Plan): void {
    this.refused = plan;
    this.maxRows = Math.max(1, Math.floor(plan.rows / 2));
  }

  get oldestWaitingMs(): number | null {
    const since = this.plannedSinceMs ?? this.waitingSinceMs;
    return since === null ? null : this.nowMs - since;
  }

  private get isSplitting(): boolean {
    return this.maxRows < this.bounds.maxRows;
  }

  private get nowMs(): number {
    return this.clock.monotonicTimeMs();
  }
}
