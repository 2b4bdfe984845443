import type { Clock } from '../runtime/runtime.ts';
import type { SubTopology } from '../topology/plan.ts';
import { type EventClock, unknownTimeMs } from './event-clock.ts';
import type { InputQueue } from './input-queue.ts';

interface IdleDomain {
  readonly domain: number;
  readonly idleMs: number;
  readonly inputs: readonly InputQueue[];
  /** By the monotonic clock; null while something is there to be taken. */
  emptySinceMs: number | null;
}

/** Where time is to step to. */
export interface IdleStep {
  readonly domain: number;
  readonly timeMs: number;
}

/**
 * Stream time by the clock, where an author asked for it: while all inputs of a domain stay empty
 * and are known to hold no more, it is put so far behind the clock as they have been empty for.
 */
export class IdleAdvance {
  private constructor(
    private readonly domains: readonly IdleDomain[],
    private readonly clock: Clock,
    private readonly eventClock: EventClock,
  ) {}

  /** Null where no source asks for it. */
  static of(
    { inputs }: SubTopology,
    queues: readonly InputQueue[],
    clock: Clock,
    eventClock: EventClock,
  ): IdleAdvance | null {
    const idleOf = new Map<number, number>();
    for (const [index, { node }] of inputs.entries()) {
      const idleMs = node.type === 'source' ? node.idleAdvanceMs : null;
      const domain = eventClock.domainOf(index);
      // Of several the most patient one: none is made later than its author allowed for.
      if (idleMs !== null) idleOf.set(domain, Math.max(idleMs, idleOf.get(domain) ?? 0));
    }
    if (idleOf.size === 0) return null;
    const domains = Array.from(idleOf, ([domain, idleMs]): IdleDomain => {
      const own = queues.filter(({ input }) => eventClock.domainOf(input) === domain);
      return { domain, idleMs, inputs: own, emptySinceMs: null };
    });
    return new IdleAdvance(domains, clock, eventClock);
  }

  /** To be asked before each slice of work: it sees what has come since the one before. */
  due(): readonly IdleStep[] {
    return this.domains.flatMap((one) => this.stepOf(one) ?? []);
  }

  private stepOf(one: IdleDomain): IdleStep | null {
    const nowMs = this.clock.monotonicTimeMs();
    if (!one.inputs.every(({ isEmpty, hasNoLag }) => isEmpty && hasNoLag)) {
      one.emptySinceMs = null;
      return null;
    }
    one.emptySinceMs ??= nowMs;
    if (nowMs - one.emptySinceMs < one.idleMs) return null;
    // The next step comes after as long again: each is something to commit.
    one.emptySinceMs = nowMs;
    const { domain } = one;
    const timeMs = this.clock.wallClockTimeMs() - one.idleMs;
    const beforeMs = this.eventClock.streamTimeMs(domain);
    // Before the first record there is no time, and nothing that waits for it.
    return beforeMs !== unknownTimeMs && timeMs > beforeMs ? { domain, timeMs } : null;
  }
}
