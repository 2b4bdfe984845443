import { andThen, type MaybePromise } from '../model/maybe-promise.ts';
import type { TimerRequest } from '../topology/processor.ts';
import type { RawStore, ScanCursor } from './state-port.ts';
import { type HeldTimer, TimerHeap } from './timer-heap.ts';
import {
  decodeTimer,
  encodeTimer,
  nameRowKey,
  type Timer,
  timePrefix,
  timeRowKey,
} from './timer-row.ts';

/** Timers read at once when the horizon is reached. */
const maxHorizonTimers = 10_000;

type Entry = readonly [Uint8Array, Uint8Array];

export interface TimerServiceOptions {
  readonly store: RawStore;
  readonly isWallClock: boolean;
  /** Null where the node is gone from the plan, or another service's: its timers are not held. */
  readonly nodeOrder: (node: string) => number | null;
  /** Numbers the timers of a task in the order they were set. */
  readonly arrivals: { next: number };
  /** Called where a timer set here replaces one on the other clock, whose rows are gone. */
  readonly movedHere: (old: Timer) => void;
}

/**
 * The persistent timers on one clock. All of them lie in the raw store; those before the horizon
 * are held in memory too, and a scan reads the next stretch when time comes near it.
 */
export class TimerService {
  private readonly heap = new TimerHeap();
  private readonly held = new Map<string, HeldTimer>();
  private readonly store: RawStore;
  private readonly isWallClock: boolean;
  private horizonMs = 0;
  private maxHeld = 2 * maxHorizonTimers;
  private lastSet: { readonly request: TimerRequest; readonly timer: HeldTimer } | null = null;
  /** What the open unit did, newest last: undone backwards. */
  private undoLog: (() => void)[] | null = null;

  constructor(private readonly options: TimerServiceOptions) {
    this.store = options.store;
    this.isWallClock = options.isWallClock;
  }

  beginUnit(): void {
    this.undoLog = [];
  }

  endUnit(): void {
    this.undoLog = null;
    if (this.heap.size > this.maxHeld) this.shrink();
  }

  /** Undoes what memory holds; the rows are undone by the state's own savepoint. */
  undo(): void {
    const steps = this.undoLog ?? [];
    // Closed first: what a step does must not be logged for undoing again.
    this.undoLog = null;
    for (const step of steps.reverse()) step();
  }

  set(node: string, request: TimerRequest): void {
    const { lastSet } = this;
    if (lastSet?.request === request && lastSet.timer.node === node && !lastSet.timer.isDead)
      return;
    const identity = { node, name: request.name, key: request.key ?? null };
    const rowKey = nameRowKey(identity);
    const old = this.find(rowKey);
    const data = request.data ?? null;
    if (old !== undefined) {
      const isHere = old.isWallClock === this.isWallClock;
      if (isHere && old.timeMs === request.at && isSame(old.data, data)) {
        return this.remember(request, rowKey);
      }
      this.remove(old, rowKey);
      if (!isHere) this.options.movedHere(old);
    }
    const timer: Timer = {
      ...identity,
      timeMs: request.at,
      data,
      arrival: this.options.arrivals.next++,
      isWallClock: this.isWallClock,
    };
    const row = encodeTimer(timer);
    this.store.put(rowKey, row);
    this.store.put(timeRowKey(timer), row);
    if (timer.timeMs < this.horizonMs) this.hold(timer, rowKey);
    this.remember(request, rowKey);
    if (this.heap.size > this.maxHeld && this.undoLog === null) this.shrink();
  }

  /** A frozen request asks for the same timer again each time, as windows do for each new row. */
  private remember(request: TimerRequest, rowKey: Buffer): void {
    const timer = Object.isFrozen(request) ? this.held.get(rowKey.toString('latin1')) : undefined;
    this.lastSet = timer === undefined ? null : { request, timer };
  }

  /** No timer is due before this. */
  get nextMs(): number {
    return this.heap.peek()?.timeMs ?? this.horizonMs;
  }

  /** Reads further if timers up to `timeMs` may lie behind the horizon. Then `due` is complete. */
  reach(timeMs: number): MaybePromise<void> {
    if (timeMs < this.horizonMs) return undefined;
    const range = {
      gte: timePrefix(this.horizonMs, this.isWallClock),
      lt: timePrefix(Infinity, this.isWallClock),
    };
    const cursor = this.store.openScan(range);
    return andThen(cursor.next(maxHorizonTimers), (entries) =>
      andThen(this.extend(entries, cursor), () => {
        // Twice what one stretch needs, so that timers of one instant are not read each time.
        this.maxHeld = 2 * Math.max(this.heap.size, maxHorizonTimers);
        return this.reach(timeMs);
      }),
    );
  }

  /** The least timer with `time <= timeMs`, or null. Call `reach` first. */
  peekDue(timeMs: number): HeldTimer | null {
    const timer = this.heap.peek();
    return timer === null || timer.timeMs > timeMs ? null : timer;
  }

  /** Takes a timer out: it fires now. */
  take(timer: HeldTimer): void {
    this.remove(timer, nameRowKey(timer));
  }

  /** Lets go of a timer whose rows are gone. */
  forget(timer: Timer): void {
    this.release(nameRowKey(timer));
  }

  private find(rowKey: Buffer): Timer | undefined {
    const held = this.held.get(rowKey.toString('latin1'));
    if (held !== undefined) return held;
    const row = this.store.get(rowKey);
    return row === undefined ? undefined : decodeTimer(rowKey, row);
  }

  private hold(timer: Timer, rowKey: Buffer): void {
    const nodeOrder = this.options.nodeOrder(timer.node);
    const identity = rowKey.toString('latin1');
    if (nodeOrder === null || this.held.has(identity)) return;
    const held: HeldTimer = { ...timer, nodeOrder, isDead: false };
    this.held.set(identity, held);
    this.heap.push(held);
    // By its name: an undo that went before may hold it anew.
    this.undoLog?.push(() => this.release(rowKey));
  }

  private remove(timer: Timer, rowKey: Buffer): void {
    this.store.put(rowKey, null);
    this.store.put(timeRowKey(timer), null);
    this.release(rowKey);
  }

  private release(rowKey: Buffer): void {
    const identity = rowKey.toString('latin1');
    const held = this.held.get(identity);
    if (held === undefined) return;
    this.held.delete(identity);
    this.heap.kill(held);
    // Held anew rather than revived: the heap may have passed over the dead one by then.
    this.undoLog?.push(() => this.hold(held, rowKey));
  }

  private extend(entries: readonly Entry[], cursor: ScanCursor<Entry>): MaybePromise<void> {
    for (const [key, row] of entries) {
      const timer = decodeTimer(key, row);
      this.hold(timer, nameRowKey(timer));
    }
    const last = entries.at(-1);
    // Others may share the last one's time, so the stretch goes on behind it and reads it again.
    this.horizonMs = last === undefined ? Infinity : decodeTimer(...last).timeMs;
    if (last === undefined) return cursor.close();
    return andThen(this.sameTime(cursor, this.horizonMs), () => cursor.close());
  }

  /** Holds the rest of the timers at `timeMs`, so that the horizon can lie behind it. */
  private sameTime(cursor: ScanCursor<Entry>, timeMs: number): MaybePromise<void> {
    return andThen(cursor.next(maxHorizonTimers), (entries) => {
      for (const [key, row] of entries) {
        const timer = decodeTimer(key, row);
        if (timer.timeMs > timeMs) {
          this.horizonMs = timer.timeMs;
          return undefined;
        }
        this.hold(timer, nameRowKey(timer));
      }
      if (entries.length > 0) return this.sameTime(cursor, timeMs);
      this.horizonMs = Infinity;
      return undefined;
    });
  }

  /** Too many set before the horizon: forgets all; the nearest are read when asked for. */
  private shrink(): void {
    this.heap.clear();
    this.held.clear();
    this.horizonMs = 0;
  }
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return Buffer.compare(a, b) === 0;
}
