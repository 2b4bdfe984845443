import { EventClock } from '../../../src/core/task/event-clock.ts';
import type { RawStore, LocalState } from '../../../src/core/task/state-port.ts';
import { TaskTimers } from '../../../src/core/task/task-timers.ts';
import { buildTopology } from '../../../src/core/topology/build-topology.ts';
import { manualClock } from '../../support/broker-fixture.ts';
import { settings } from '../../support/plan-nodes.ts';
import { plans } from '../../support/plans.ts';
import { memoryState, slowScans } from './task-fixture.ts';

export interface TimersUnderTest {
  readonly state: LocalState;
  readonly timers: TaskTimers;
  readonly wall: ReturnType<typeof manualClock>;
  /** Takes all that is due, as `node:name:key@time`. */
  due(timeMs: number, domain?: number): Promise<string[]>;
  wallClockDue(): Promise<string[]>;
  /** Timers over the same state, as after a restart. */
  restarted(): TimersUnderTest;
}

/** Nodes a, b (in plan order) share domain 0, c has domain 1. */
const places = new Map([
  ['a', { order: 1, domain: 0 }],
  ['b', { order: 2, domain: 0 }],
  ['c', { order: 3, domain: 1 }],
]);

export function timersOf(isSlow = false, state = memoryState(), arrivals = 0): TimersUnderTest {
  const raw = state.raw('timers');
  const store: RawStore = isSlow ? slowScans(raw) : raw;
  const wall = manualClock();
  const [subTopology] = buildTopology(settings(), plans['pass-through']?.() ?? []).subTopologies;
  if (subTopology === undefined) throw new Error('The plan has a part.');
  const placeOf = (node: string) => places.get(node) ?? null;
  const options = { store, domains: 2, placeOf };
  const timers = new TaskTimers(options, new EventClock(subTopology), wall);
  timers.startAt(arrivals);
  return {
    state,
    timers,
    wall,
    due: (timeMs, domain = 0) =>
      drain(async () => {
        await timers.reach(domain, timeMs);
        return timers.takeDue(domain, timeMs);
      }),
    wallClockDue: () => drain(async () => timers.takeWallClockDue(timers.wallClockTimeMs)),
    restarted: () => timersOf(isSlow, state, timers.arrivals),
  };
}

type Due = ReturnType<TaskTimers['takeDue']>;

async function drain(next: () => Promise<Due>): Promise<string[]> {
  const taken: string[] = [];
  for (let due = await next(); due !== null; due = await next()) {
    const { timer } = due;
    due.fire();
    const key = timer?.key === null ? 'null' : (timer?.key.toString() ?? '');
    taken.push(
      timer === null ? `tick@${due.timeMs}` : `${due.node}:${timer.name}:${key}@${due.timeMs}`,
    );
  }
  return taken;
}
