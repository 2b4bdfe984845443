import { ConfigError } from '../model/errors.ts';
import { andThen, type MaybePromise } from '../model/maybe-promise.ts';
import type { Clock } from '../runtime/runtime.ts';
import type { PeriodicTick, TimerRequest } from '../topology/processor.ts';
import { endKey, EndTimers, type EndTimersOptions } from './end-timers.ts';
import type { EventClock } from './event-clock.ts';
import { PeriodicSchedules } from './periodic-schedules.ts';
import type { RawStore } from './state-port.ts';
import { TimerService } from './timer-service.ts';
import type { Timer } from './timer-row.ts';

export interface PeriodicRequest {
  readonly node: string;
  readonly nodeOrder: number;
  readonly everyMs: number;
  readonly callback: (tick: PeriodicTick) => void;
}

/** Something that is due: a persistent timer or a tick of a grid. */
export interface DueTimer {
  readonly node: string;
  readonly timeMs: number;
  /** The timer, or null for a tick. */
  readonly timer: Timer | null;
  fire(): void;
}

interface Undoable {
  beginUnit(): void;
  endUnit(): void;
  undo(): void;
}

export interface NodePlace {
  readonly order: number;
  readonly domain: number;
}

export interface TaskTimersOptions {
  /** Null where no node sets persistent timers. */
  readonly store: RawStore | null;
  readonly domains: number;
  /** Null where the node is not of this task. */
  readonly placeOf: (node: string) => NodePlace | null;
}

/** All timers of a task: per time domain and by wall clock, persistent and periodic. */
export class TaskTimers {
  private readonly streams: (TimerService | null)[];
  private readonly wall: TimerService | null;
  private readonly streamTicks: PeriodicSchedules[];
  private readonly wallTicks = new PeriodicSchedules();
  private readonly numbers = { next: 0 };
  private readonly undoable: Undoable[];
  /** Per time domain. */
  private readonly ends: EndTimers[][];

  constructor(
    private readonly options: TaskTimersOptions,
    private readonly eventClock: EventClock,
    private readonly clock: Clock,
  ) {
    const { placeOf, domains } = options;
    const each = Array.from({ length: domains }, (_, domain) => domain);
    this.streams = each.map((domain) =>
      this.service(false, (node) => {
        const place = placeOf(node);
        return place?.domain === domain ? place.order : null;
      }),
    );
    this.wall = this.service(true, (node) => placeOf(node)?.order ?? null);
    this.streamTicks = each.map(() => new PeriodicSchedules());
    this.ends = each.map(() => []);
    const services = [...this.streams, this.wall].filter((service) => service !== null);
    this.undoable = [...services, ...this.streamTicks, this.wallTicks];
  }

  /** Whether stream time can make anything due in the domain. */
  isSilent(domain: number): boolean {
    return this.streams[domain] === null && this.streamTicks[domain]?.isEmpty === true;
  }

  get hasWallClock(): boolean {
    return this.wall !== null || !this.wallTicks.isEmpty;
  }

  /** Timers set so far, in all runs. */
  get arrivals(): number {
    return this.numbers.next;
  }

  /** Goes on counting from the committed number. */
  startAt(arrivals: number): void {
    this.numbers.next = arrivals;
  }

  /** @throws {ConfigError} `BAD_OPTION` unless `at` is a whole number of milliseconds. */
  set(domain: number, node: string, request: TimerRequest): void {
    if (!Number.isSafeInteger(request.at)) {
      throw new ConfigError(
        'BAD_OPTION',
        `Node '${node}' set the timer '${request.name}' at ${request.at}: ` +
          'give a whole number of milliseconds.',
        { where: { node } },
      );
    }
    const service = request.by === 'wall-clock' ? this.wall : this.streams[domain];
    service?.set(node, request);
  }

  addPeriodic(
    request: PeriodicRequest,
    { domain, isWallClock }: { readonly domain: number; readonly isWallClock: boolean },
  ): void {
    if (isWallClock) this.wallTicks.add(request, this.clock.wallClockTimeMs());
    else this.streamTicks[domain]?.add(request, this.eventClock.streamTimeMs(domain));
  }

  /** Lets a node know when windows of a store are due: `onTimer` is called once for each end. */
  addEnds(domain: number, options: EndTimersOptions): EndTimers {
    const ends = new EndTimers(options);
    this.ends[domain]?.push(ends);
    this.undoable.push(ends);
    return ends;
  }

  /** The first record of a domain starts its grids. */
  begin(domain: number, timeMs: number): void {
    this.streamTicks[domain]?.begin(timeMs);
  }

  /** False: surely nothing is due up to `timeMs`. Asked twice a record, so it only compares. */
  mayBeDue(domain: number, timeMs: number): boolean {
    const service = this.streams[domain] ?? null;
    if (service !== null && service.nextMs <= timeMs) return true;
    const ends = this.endsOf(domain);
    if (ends.length > 0 && ends.some(({ nextMs }) => nextMs <= timeMs)) return true;
    return this.streamTicks[domain]?.isEmpty === false;
  }

  /** Makes sure that all timers up to `timeMs` are in memory. */
  reach(domain: number, timeMs: number): MaybePromise<void> {
    const reached = this.streams[domain]?.reach(timeMs);
    const ends = this.endsOf(domain);
    if (ends.length === 0) return reached;
    return ends.reduce<MaybePromise<void>>(
      (before, own) => andThen(before, () => own.reach(timeMs)),
      reached,
    );
  }

  /** The least timer or tick due in a domain, taken out; null if there is none. `reach` first. */
  takeDue(domain: number, timeMs: number): DueTimer | null {
    const service = this.streams[domain] ?? null;
    const ticks = this.streamTicks[domain] ?? null;
    const ended = leastEnd(this.endsOf(domain), timeMs);
    if (ended === null) return take(service, ticks, timeMs);
    const tick = ticks?.due(timeMs) ?? null;
    const timer = service?.peekDue(timeMs) ?? null;
    const isEarlier =
      (tick !== null && isFirst(tick, ended)) || (timer !== null && isBefore(timer, ended));
    return isEarlier ? take(service, ticks, timeMs) : takeEnd(ended);
  }

  get wallClockTimeMs(): number {
    return this.clock.wallClockTimeMs();
  }

  /** The same by wall clock. */
  takeWallClockDue(nowMs: number): MaybePromise<DueTimer | null> {
    return andThen(this.wall?.reach(nowMs), () => take(this.wall, this.wallTicks, nowMs));
  }

  beginUnit(): void {
    for (const part of this.undoable) part.beginUnit();
  }

  endUnit(): void {
    for (const part of this.undoable) part.endUnit();
  }

  undo(): void {
    for (const part of this.undoable) part.undo();
  }

  private endsOf(domain: number): readonly EndTimers[] {
    return this.ends[domain] ?? [];
  }

  private service(
    isWallClock: boolean,
    nodeOrder: (node: string) => number | null,
  ): TimerService | null {
    const { store } = this.options;
    if (store === null) return null;
    const movedHere = (old: Timer) => this.serviceOf(old)?.forget(old);
    return new TimerService({ store, isWallClock, nodeOrder, arrivals: this.numbers, movedHere });
  }

  private serviceOf({ node, isWallClock }: Timer): TimerService | null {
    if (isWallClock) return this.wall;
    return this.streams[this.options.placeOf(node)?.domain ?? 0] ?? null;
  }
}

function take(
  service: TimerService | null,
  ticks: PeriodicSchedules | null,
  timeMs: number,
): DueTimer | null {
  const tick = ticks?.due(timeMs) ?? null;
  const next = service?.peekDue(timeMs) ?? null;
  if (tick !== null && (next === null || isFirst(tick, next))) {
    return { node: tick.node, timeMs: tick.timeMs, timer: null, fire: () => tick.fire() };
  }
  if (service === null || next === null) return null;
  service.take(next);
  return { node: next.node, timeMs: next.timeMs, timer: next, fire: () => undefined };
}

/** An end of windows that is due. */
interface DueEnd extends Ordered {
  readonly ends: EndTimers;
  readonly endMs: number;
}

function leastEnd(all: readonly EndTimers[], timeMs: number): DueEnd | null {
  let least: DueEnd | null = null;
  for (const ends of all) {
    const endMs = ends.peekDue(timeMs);
    if (endMs === null) continue;
    const due = { ends, endMs, timeMs: ends.dueMs(endMs), nodeOrder: ends.nodeOrder };
    if (least === null || isFirst(due, least)) least = due;
  }
  return least;
}

function takeEnd({ ends, endMs, timeMs }: DueEnd): DueTimer {
  ends.take(endMs);
  const timer: Timer = {
    node: ends.node,
    name: 'close',
    key: endKey(endMs),
    timeMs,
    // It cannot have been set in the step that it fires in, over and over.
    arrival: -1,
    data: null,
    isWallClock: false,
  };
  return { node: ends.node, timeMs, timer, fire: () => undefined };
}

function isBefore(timer: Timer & Ordered, end: DueEnd): boolean {
  if (timer.timeMs !== end.timeMs) return timer.timeMs < end.timeMs;
  if (timer.nodeOrder !== end.nodeOrder) return timer.nodeOrder < end.nodeOrder;
  return timer.key === null || Buffer.compare(timer.key, endKey(end.endMs)) <= 0;
}

interface Ordered {
  readonly timeMs: number;
  readonly nodeOrder: number;
}

/** A tick has no key, so it goes before the timers of its node and time. */
function isFirst(tick: Ordered, timer: Ordered): boolean {
  if (tick.timeMs !== timer.timeMs) return tick.timeMs < timer.timeMs;
  return tick.nodeOrder <= timer.nodeOrder;
}
