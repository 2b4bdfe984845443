import type { Call } from './call.ts';
import type { DomainBehind } from './domains-behind.ts';
import { type EventClock, unknownTimeMs } from './event-clock.ts';

interface Awaited {
  readonly call: Call;
  /** How far time was before the record was taken. */
  readonly beforeMs: number;
}

/**
 * How far time may go in a domain behind calls: to the moment of the last record such that it and
 * all taken before it are done.
 */
export class TimeBehind {
  readonly domain: number;
  private readonly upstream: readonly number[];
  private readonly feeders: ReadonlySet<string>;
  private readonly awaited: Awaited[] = [];
  private reachedMs = unknownTimeMs;

  constructor({ domain, upstream, feeders }: DomainBehind) {
    this.domain = domain;
    this.upstream = upstream;
    this.feeders = new Set(feeders);
  }

  /** A unit is over that began this call. */
  add(call: Call): void {
    if (this.feeders.has(call.request.node)) this.awaited.push({ call, beforeMs: this.reachedMs });
  }

  /** A unit is over, and the calls it began are added. */
  look(clock: EventClock): void {
    for (const domain of this.upstream) {
      const timeMs = clock.streamTimeMs(domain);
      if (timeMs > this.reachedMs) this.reachedMs = timeMs;
    }
  }

  get frontierMs(): number {
    while (this.awaited[0]?.call.isDone === true) this.awaited.shift();
    return this.awaited[0]?.beforeMs ?? this.reachedMs;
  }
}
