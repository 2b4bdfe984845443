import { expect, it } from 'vitest';
import { unknownTimeMs } from '../../../src/core/task/event-clock.ts';
import { PeriodicSchedules } from '../../../src/core/task/periodic-schedules.ts';
import type { PeriodicTick } from '../../../src/core/topology/processor.ts';

function schedules(...periods: readonly number[]) {
  const all = new PeriodicSchedules();
  const ticks: string[] = [];
  const add = (everyMs: number, nodeOrder: number, timeMs = unknownTimeMs) => {
    const callback = ({ timeMs: at, missed }: PeriodicTick) =>
      ticks.push(`${nodeOrder}@${at}${missed > 0 ? ` missed ${missed}` : ''}`);
    all.add({ node: String(nodeOrder), nodeOrder, everyMs, callback }, timeMs);
  };
  for (const [index, everyMs] of periods.entries()) add(everyMs, index);
  const advance = (timeMs: number) => {
    ticks.length = 0;
    all.begin(timeMs);
    for (let tick = all.due(timeMs); tick !== null; tick = all.due(timeMs)) tick.fire();
    return [...ticks];
  };
  return { all, add, advance };
}

it('O8: ticks lie on the grid; one tick stands for all that are passed at once', () => {
  const { advance } = schedules(10);
  expect([3, 9].map(advance)).toEqual([[], []]);
  expect(advance(12)).toEqual(['0@10']);
  expect(advance(47)).toEqual(['0@40 missed 2']);
  expect(advance(50)).toEqual(['0@50']);
});

it('the first tick lies above the first time known', () => {
  const { advance } = schedules(10);
  expect(advance(10)).toEqual([]);
  expect(advance(20)).toEqual(['0@20']);
});

it('a schedule set while time is known starts above it, on the same grid', () => {
  const { add, advance } = schedules();
  add(10, 0, 12);
  expect(advance(19)).toEqual([]);
  expect(advance(20)).toEqual(['0@20']);
});

it('the least tick fires first; at one time the first node of the plan', () => {
  const { add, advance } = schedules();
  add(10, 2, 0);
  add(5, 1, 0);
  add(7, 0, 0);
  expect(advance(10)).toEqual(['0@7', '1@10 missed 1', '2@10']);
});

it('what an undone unit scheduled is gone', () => {
  const { all, add, advance } = schedules(10);
  expect(advance(1)).toEqual([]);
  all.beginUnit();
  add(5, 1, 1);
  all.undo();
  all.beginUnit();
  add(20, 2, 1);
  all.endUnit();
  expect(advance(20)).toEqual(['0@20 missed 1', '2@20']);
});
