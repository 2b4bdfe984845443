import type { SubTopology } from '../topology/plan.ts';

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

  constructor(subTopology: SubTopology) {
    this.inputs = subTopology.inputs.map(({ topic }) => topic);
    this.inputDomains = subTopology.inputs.map(
      ({ node }) => subTopology.timeDomains.get(node.name) ?? 0,
    );
    const domains = Math.max(0, ...subTopology.timeDomains.values()) + 1;
    this.streamTimes = new Array<number>(domains).fill(unknownTimeMs);
    this.partitionTimes = new Array<number>(this.inputs.length).fill(unknownTimeMs);
  }

  streamTimeMs(domain: number): number {
    return this.streamTimes[domain] ?? unknownTimeMs;
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
    if (closedMs > this.closedMs(node)) this.closed.set(node, closedMs);
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
  }
}

function own(times: Readonly<Record<string, number>>, name: string): number {
  return Object.hasOwn(times, name) ? (times[name] ?? unknownTimeMs) : unknownTimeMs;
}
