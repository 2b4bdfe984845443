import { andThen, type MaybePromise } from '../model/maybe-promise.ts';
import type { Windowed } from '../model/windows.ts';
import type { RowsByEnd, WindowEnds } from '../topology/processor.ts';
import type { ScanCursor } from './state-port.ts';
import { TimeHeap } from './time-heap.ts';

/** Ends held in memory; beyond that the later half is let go and read again when it is near. */
const maxHeldEnds = 50_000;
const chunkRows = 1000;

/** The key of the timer of an end. */
export function endKey(endMs: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigInt64BE(BigInt(endMs));
  return key;
}

export interface EndTimersOptions {
  readonly node: string;
  readonly nodeOrder: number;
  readonly store: RowsByEnd;
  /** How long after its end a window is due. */
  readonly delayMs: number;
  /** Windows up to this end have been due before. */
  readonly passedMs: number;
}

/**
 * When the windows of a store end: a timer for each end of which no row is written, because the
 * store itself tells them. Those before the horizon are held in memory, with the number of their
 * rows; a scan reads the next stretch when time comes near it.
 */
export class EndTimers implements WindowEnds {
  readonly node: string;
  readonly nodeOrder: number;
  private readonly heap = new TimeHeap();
  private rows = new Map<number, number>();
  private horizonMs: number;
  /** What the open unit did, newest last: undone backwards. */
  private undoLog: (() => void)[] | null = null;

  constructor(private readonly options: EndTimersOptions) {
    this.node = options.node;
    this.nodeOrder = options.nodeOrder;
    this.horizonMs = options.passedMs + 1;
  }

  beginUnit(): void {
    this.undoLog = [];
  }

  endUnit(): void {
    this.undoLog = null;
    if (this.rows.size > maxHeldEnds) this.shrink();
  }

  undo(): void {
    const steps = this.undoLog ?? [];
    this.undoLog = null;
    for (const step of steps.reverse()) step();
  }

  /** A row with this end was put that was not there. */
  opened(endMs: number): void {
    if (endMs >= this.horizonMs) return;
    this.add(endMs, 1);
    this.undoLog?.push(() => this.add(endMs, -1));
    if (this.undoLog === null && this.rows.size > maxHeldEnds) this.shrink();
  }

  /** A row with this end was removed before it was due. */
  left(endMs: number): void {
    if (endMs >= this.horizonMs || !this.rows.has(endMs)) return;
    this.add(endMs, -1);
    this.undoLog?.push(() => this.add(endMs, 1));
  }

  /** No end that is still to come is less. */
  get nextEndMs(): number {
    const { heap, rows } = this;
    let least = heap.peek();
    while (least !== undefined && !rows.has(least)) {
      heap.pop();
      least = heap.peek();
    }
    return least ?? this.horizonMs;
  }

  /** No end is due before this. */
  get nextMs(): number {
    return this.nextEndMs + this.options.delayMs;
  }

  /** Reads further if ends that are due up to `timeMs` may lie behind the horizon. */
  reach(timeMs: number): MaybePromise<void> {
    if (timeMs - this.options.delayMs < this.horizonMs) return undefined;
    const cursor = this.options.store.openScan({ gteEndMs: this.horizonMs, ltEndMs: Infinity });
    return andThen(this.extend(cursor), () => andThen(cursor.close(), () => this.reach(timeMs)));
  }

  /** The least end that is due at `timeMs`, or null. Call `reach` first. */
  peekDue(timeMs: number): number | null {
    const endMs = this.nextEndMs;
    return endMs < this.horizonMs && endMs + this.options.delayMs <= timeMs ? endMs : null;
  }

  /** Takes an end out: it is due now. */
  take(endMs: number): void {
    this.rows.delete(endMs);
  }

  dueMs(endMs: number): number {
    return endMs + this.options.delayMs;
  }

  private add(endMs: number, rows: number): void {
    const held = this.rows.get(endMs);
    const count = (held ?? 0) + rows;
    if (count <= 0) this.rows.delete(endMs);
    else {
      this.rows.set(endMs, count);
      if (held === undefined) this.heap.push(endMs);
    }
  }

  private extend(cursor: ScanCursor<readonly [Windowed<unknown>, unknown]>): MaybePromise<void> {
    return andThen(cursor.next(chunkRows), (entries) => {
      const last = entries.at(-1);
      if (last === undefined) {
        this.horizonMs = Infinity;
        return undefined;
      }
      for (const [{ endMs }] of entries) this.add(endMs, 1);
      if (this.rows.size < maxHeldEnds / 2) return this.extend(cursor);
      const { endMs } = last[0];
      // There may be more rows than were read: it stays until it is due.
      this.add(endMs, Infinity);
      this.horizonMs = endMs + 1;
      return undefined;
    });
  }

  private shrink(): void {
    const ends = [...this.rows].sort(([a], [b]) => a - b).slice(0, maxHeldEnds / 2);
    this.horizonMs = (ends.at(-1)?.[0] ?? 0) + 1;
    this.rows = new Map(ends);
    this.heap.fill(ends.map(([endMs]) => endMs));
  }
}
