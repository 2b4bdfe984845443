import type { PeriodicTick } from '../topology/processor.ts';
import { unknownTimeMs } from './event-clock.ts';

interface Periodic {
  readonly node: string;
  readonly nodeOrder: number;
  readonly everyMs: number;
  readonly callback: (tick: PeriodicTick) => void;
  /** The next multiple to fire at; unknown until time is. */
  nextMs: number;
}

export interface DueTick {
  readonly node: string;
  readonly nodeOrder: number;
  readonly timeMs: number;
  fire(): void;
}

/** Callbacks on the grid of the multiples of a period. Set anew at each start, so without state. */
export class PeriodicSchedules {
  private readonly schedules: Periodic[] = [];
  /** How many there were when the unit began. */
  private settled = 0;

  get isEmpty(): boolean {
    return this.schedules.length === 0;
  }

  add(schedule: Omit<Periodic, 'nextMs'>, timeMs: number): void {
    const nextMs = timeMs === unknownTimeMs ? unknownTimeMs : gridAbove(timeMs, schedule.everyMs);
    this.schedules.push({ ...schedule, nextMs });
  }

  /** Time becomes known: the grid starts above it. */
  begin(timeMs: number): void {
    for (const schedule of this.schedules) {
      if (schedule.nextMs === unknownTimeMs) schedule.nextMs = gridAbove(timeMs, schedule.everyMs);
    }
  }

  /**
   * The least tick due up to `timeMs`, or null. Several multiples that have passed are one tick at
   * the greatest of them.
   */
  due(timeMs: number): DueTick | null {
    let least: DueTick | null = null;
    for (const schedule of this.schedules) {
      if (schedule.nextMs === unknownTimeMs || schedule.nextMs > timeMs) continue;
      const tickMs = timeMs - (timeMs % schedule.everyMs);
      if (least === null || isBefore(schedule, tickMs, least)) least = tickOf(schedule, tickMs);
    }
    return least;
  }

  beginUnit(): void {
    this.settled = this.schedules.length;
  }

  endUnit(): void {
    this.settled = this.schedules.length;
  }

  /** Takes back what the unit set. */
  undo(): void {
    this.schedules.length = this.settled;
  }
}

function isBefore({ nodeOrder }: Periodic, timeMs: number, other: DueTick): boolean {
  if (timeMs !== other.timeMs) return timeMs < other.timeMs;
  return nodeOrder < other.nodeOrder;
}

function tickOf(schedule: Periodic, timeMs: number): DueTick {
  return {
    node: schedule.node,
    nodeOrder: schedule.nodeOrder,
    timeMs,
    fire() {
      const missed = (timeMs - schedule.nextMs) / schedule.everyMs;
      schedule.nextMs = timeMs + schedule.everyMs;
      schedule.callback({ timeMs, missed });
    },
  };
}

function gridAbove(timeMs: number, everyMs: number): number {
  return timeMs - (timeMs % everyMs) + everyMs;
}
