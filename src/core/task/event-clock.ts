import type { SubTopology } from '../topology/plan.ts';
import { type DomainBehind, domainsBehind } from './domains-behind.ts';

/** Stream time before the first record. Every timestamp is above it. */
export const unknownTimeMs = -1;

/** What is kept of the clock in the progress row, by names that survive a rebuilt plan. */
export interface EventClockSnapshot {
  /** Stream time by input topic; inputs of one domain have one time. */
  readonly domains: Readonly<Record<string, number>>;
  readonly partitions: Readonly<Record<string, number>>;
  /** Greatest `S - grace` by node. */
  readonly closed: Readonly<Record<string, number>>;
}

/** All time a task knows: partition times, stream time per domain, what operators have closed. */
export class EventClock {
  private readonly streamTimes: number[];
  private readonly partitionTimes: number[];
  private readonly closed = new Map<string, number>();
  private readonly inputs: readonly string[];
  private readonly inputDomains: readonly number[];
  private readonly behind: readonly DomainBehind[];
  /** What was closed by moments ahead of stream time, until that has come so far. */
  private readonly closedAhead = new Map<string, number>();
  /** Stream time when the record was taken whose result is worked on; else unknown. */
  momentMs = unknownTimeMs;

  constructor(subTopology: SubTopology) {
    this.inputs = subTopology.inputs.map(({ topic }) => topic);
    this.inputDomains = subTopology.inputs.map(
      ({ node }) => subTopology.timeDomains.get(node.name) ?? 0,
    );
    this.behind = domainsBehind(subTopology);
    const domains = Math.max(0, ...subTopology.timeDomains.values()) + 1;
    this.streamTimes = new Array<number>(domains).fill(unknownTimeMs);
    this.partitionTimes = new Array<number>(this.inputs.length).fill(unknownTimeMs);
  }

  streamTimeMs(domain: number): number {
    return this.streamTimes[domain] ?? unknownTimeMs;
  }

  /**
   * Stream time as the work of the moment sees it. Behind a call a record keeps the moment it was
   * taken at, which its domain may not have reached.
   */
  timeOfWorkMs(domain: number): number {
    return Math.max(this.streamTimeMs(domain), this.momentMs);
  }

  /** Never goes back. */
  advance(domain: number, timeMs: number): void {
    if (timeMs > this.streamTimeMs(domain)) this.streamTimes[domain] = timeMs;
  }

  partitionTimeMs(input: number): number {
    return this.partitionTimes[input] ?? unknownTimeMs;
  }

  advancePartition(input: number, timeMs: number): void {
    if (timeMs > this.partitionTimeMs(input)) this.partitionTimes[input] = timeMs;
  }

  domainOf(input: number): number {
    return this.inputDomains[input] ?? 0;
  }

  closedMs(node: string): number {
    return this.closed.get(node) ?? unknownTimeMs;
  }

  advanceClosed(node: string, closedMs: number): void {
    // Records with an earlier moment may still come.
    const marks = this.momentMs === unknownTimeMs ? this.closed : this.closedAhead;
    if (closedMs > (marks.get(node) ?? unknownTimeMs)) marks.set(node, closedMs);
  }

  /** No result is waited for any more: all moments are reached. */
  settleClosed(): void {
    for (const [node, closedMs] of this.closedAhead) this.advanceClosed(node, closedMs);
    this.closedAhead.clear();
  }

  snapshot(): EventClockSnapshot {
    const byInput = (time: (input: number) => number) =>
      Object.fromEntries(this.inputs.map((topic, input) => [topic, time(input)]));
    return {
      domains: byInput((input) => this.streamTimeMs(this.domainOf(input))),
      partitions: byInput((input) => this.partitionTimeMs(input)),
      closed: Object.fromEntries(this.closed),
    };
  }

  restore({ domains, partitions, closed }: EventClockSnapshot): void {
    for (const [input, topic] of this.inputs.entries()) {
      this.advance(this.domainOf(input), own(domains, topic));
      this.advancePartition(input, own(partitions, topic));
    }
    for (const [node, timeMs] of Object.entries(closed)) this.advanceClosed(node, timeMs);
    // A commit waits for all results, so what is behind was as far as what is before.
    for (const _ of this.behind) {
      for (const { domain, upstream } of this.behind) {
        for (const before of upstream) this.advance(domain, this.streamTimeMs(before));
      }
    }
  }
}

function own(times: Readonly<Record<string, number>>, name: string): number {
  return Object.hasOwn(times, name) ? (times[name] ?? unknownTimeMs) : unknownTimeMs;
}
