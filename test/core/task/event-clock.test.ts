import { expect, it } from 'vitest';
import { EventClock, unknownTimeMs } from '../../../src/core/task/event-clock.ts';
import { buildTopology } from '../../../src/core/topology/build-topology.ts';
import { settings } from '../../support/plan-nodes.ts';
import { plans } from '../../support/plans.ts';

function clockOf(plan: string): EventClock {
  const topology = buildTopology(settings(), plans[plan]?.() ?? []);
  const [subTopology] = topology.subTopologies;
  if (subTopology === undefined) throw new Error('The plan has a part.');
  return new EventClock(subTopology);
}

it('time is unknown at first and never goes back', () => {
  const clock = clockOf('pass-through');
  expect(clock.streamTimeMs(0)).toBe(unknownTimeMs);
  clock.advance(0, 0);
  expect(clock.streamTimeMs(0)).toBe(0);
  clock.advance(0, 9);
  clock.advance(0, 5);
  expect(clock.streamTimeMs(0)).toBe(9);
  clock.advanceClosed('a', 4);
  clock.advanceClosed('a', 2);
  expect(clock.closedMs('a')).toBe(4);
  expect(clock.closedMs('b')).toBe(unknownTimeMs);
});

it('the table side of a join has a time of its own', () => {
  const clock = clockOf('stream-table-join');
  // Tables come first in topic order.
  const [users, orders] = [clock.domainOf(0), clock.domainOf(1)];
  expect(users).not.toBe(orders);
  clock.advance(users, 500);
  expect(clock.streamTimeMs(orders)).toBe(unknownTimeMs);
});

it('the inputs of one domain share its time, but not their partition times', () => {
  const clock = clockOf('split-and-merge');
  expect(clock.domainOf(0)).toBe(clock.domainOf(1));
  clock.advancePartition(0, 7);
  expect(clock.partitionTimeMs(0)).toBe(7);
  expect(clock.partitionTimeMs(1)).toBe(unknownTimeMs);
});

it('a restart forgets no time', () => {
  const clock = clockOf('stream-table-join');
  clock.advance(clock.domainOf(0), 500);
  clock.advancePartition(0, 500);
  clock.advanceClosed('enrich', 3);
  const restored = clockOf('stream-table-join');
  restored.restore(clock.snapshot());
  expect(restored.snapshot()).toEqual(clock.snapshot());
  expect(restored.streamTimeMs(restored.domainOf(0))).toBe(500);
  expect(restored.streamTimeMs(restored.domainOf(1))).toBe(unknownTimeMs);
});

it('work at a moment ahead of stream time sees it, and closes nothing before time is there', () => {
  const clock = clockOf('pass-through');
  clock.advance(0, 5);
  clock.momentMs = 9;
  expect(clock.timeOfWorkMs(0)).toBe(9);
  clock.advanceClosed('a', 8);
  expect(clock.closedMs('a')).toBe(unknownTimeMs);
  clock.momentMs = unknownTimeMs;
  expect(clock.timeOfWorkMs(0)).toBe(5);
  clock.settleClosed();
  expect(clock.closedMs('a')).toBe(8);
});
