/** Times, the least first. */
export class TimeHeap {
  private heap: number[] = [];

  push(timeMs: number): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(timeMs);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (at(heap, parent) <= timeMs) break;
      heap[index] = at(heap, parent);
      index = parent;
    }
    heap[index] = timeMs;
  }

  peek(): number | undefined {
    return this.heap[0];
  }

  pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && at(heap, child + 1) < at(heap, child)) child += 1;
      if (at(heap, child) >= last) break;
      heap[index] = at(heap, child);
      index = child;
    }
    heap[index] = last;
  }

  /** Replaces all by these, which ascend. */
  fill(timesMs: number[]): void {
    // In order is heap enough.
    this.heap = timesMs;
  }
}

function at(heap: readonly number[], index: number): number {
  return heap[index] as number; // callers stay below the length
}
