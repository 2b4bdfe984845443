import type { Timer } from './timer-row.ts';

export interface HeldTimer extends Timer {
  readonly nodeOrder: number;
  /** Set where the timer was replaced, cancelled or has fired: the heap passes over it. */
  isDead: boolean;
}

/** Fewer dead ones than this are not worth a sweep. */
const maxDeadTimers = 10_000;

/** Timers by (time, node in plan order, encoded key with null first, arrival). */
export class TimerHeap {
  private heap: HeldTimer[] = [];
  private dead = 0;

  get size(): number {
    return this.heap.length - this.dead;
  }

  push(timer: HeldTimer): void {
    const { heap } = this;
    heap.push(timer);
    let index = heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, at(heap, parent))) break;
      heap[index] = at(heap, parent);
      index = parent;
    }
    heap[index] = timer;
  }

  peek(): HeldTimer | null {
    while (this.heap[0]?.isDead === true) {
      this.removeLeast();
      this.dead -= 1;
    }
    return this.heap[0] ?? null;
  }

  /** Marks a timer that lies in the heap as dead. */
  kill(timer: HeldTimer): void {
    if (timer.isDead) return;
    timer.isDead = true;
    this.dead += 1;
    if (this.dead > maxDeadTimers && this.dead > this.heap.length / 2) this.sweep();
  }

  clear(): void {
    this.heap = [];
    this.dead = 0;
  }

  /** Timers that are replaced at each record would pile up until their time comes. */
  private sweep(): void {
    // In order is heap enough.
    this.heap = this.heap.filter(({ isDead }) => !isDead).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.dead = 0;
  }

  private removeLeast(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(at(heap, child + 1), at(heap, child))) child += 1;
      if (!isBefore(at(heap, child), last)) break;
      heap[index] = at(heap, child);
      index = child;
    }
    heap[index] = last;
  }
}

function at(heap: readonly HeldTimer[], index: number): HeldTimer {
  return heap[index] as HeldTimer; // callers stay below the length
}

function isBefore(a: HeldTimer, b: HeldTimer): boolean {
  if (a.timeMs !== b.timeMs) return a.timeMs < b.timeMs;
  if (a.nodeOrder !== b.nodeOrder) return a.nodeOrder < b.nodeOrder;
  const byKey = compareKeys(a.key, b.key);
  return byKey === 0 ? a.arrival < b.arrival : byKey < 0;
}

function compareKeys(a: Uint8Array | null, b: Uint8Array | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return Buffer.compare(a, b);
}
