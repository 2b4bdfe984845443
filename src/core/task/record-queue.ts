import type { FetchedPartition } from '../log/port.ts';
import type { Clock } from '../runtime/runtime.ts';
import type { InputQueue } from './input-queue.ts';

/**
 * All inputs of a task. The head with the least (timestamp, topic order, offset) goes first; the
 * queues are in topic order. An empty input whose end is not known is waited for.
 */
export class RecordQueue {
  private waitingSinceMs: number | null = null;
  private chosen: InputQueue | null = null;
  /** Records taken although an input was waited for in vain. */
  forced = 0;

  constructor(
    readonly inputs: readonly InputQueue[],
    private readonly clock: Clock,
    private readonly maxIdleMs: number,
  ) {}

  enqueue(input: number, fetched: FetchedPartition): void {
    this.inputs[input]?.enqueue(fetched);
  }

  /** Time has been stepped for the next record of this input: no other goes before it. */
  choose(topic: string): void {
    this.chosen = this.inputs.find((input) => input.topic === topic) ?? null;
  }

  /** The queue whose head is next, or null: nothing there, or something to wait for. */
  next(): InputQueue | null {
    if (this.chosen !== null) return this.nextChosen(this.chosen);
    const [only] = this.inputs;
    if (only !== undefined && this.inputs.length === 1) return only.head() === null ? null : only;
    return this.leastHead();
  }

  /** The end of a wait for what a head needs to be read, or null. */
  prepared(): Promise<void> | null {
    const waits = this.inputs.flatMap(({ prepared }) => prepared ?? []);
    return waits.length === 0 ? null : Promise.race(waits);
  }

  private nextChosen(chosen: InputQueue): InputQueue | null {
    const isThere = chosen.head() !== null;
    // The record may be gone from the log by now.
    if (!isThere && !chosen.hasNoLag) return null;
    this.chosen = null;
    return isThere ? chosen : this.next();
  }

  private leastHead(): InputQueue | null {
    let isPreparing = false;
    let least: InputQueue | null = null;
    let leastMs = Infinity;
    let mustWait = false;
    for (const queue of this.inputs) {
      const head = queue.head();
      isPreparing ||= queue.prepared !== null;
      if (head === null) mustWait ||= !queue.hasNoLag;
      else if (head.timestamp < leastMs) {
        least = queue;
        leastMs = head.timestamp;
      }
    }
    // Something is there, and may have to go first: it is waited for, however long others idle.
    if (least === null || isPreparing) return null;
    if (mustWait && !this.waitedEnough()) return null;
    if (mustWait) this.forced += 1;
    else this.waitingSinceMs = null;
    return least;
  }

  private waitedEnough(): boolean {
    const nowMs = this.clock.monotonicTimeMs();
    this.waitingSinceMs ??= nowMs;
    return nowMs - this.waitingSinceMs >= this.maxIdleMs;
  }
}
