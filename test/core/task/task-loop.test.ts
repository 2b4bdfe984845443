import { expect, it } from 'vitest';
import { TaskLoop, type TaskLoopParts } from '../../../src/core/task/task-loop.ts';
import { thrownBy } from '../../support/thrown.ts';

/** A loop over one record, before which `count` timers are due; earlier ones were set before. */
function loopOver(count: number, isEarlier: boolean) {
  const seen = { fired: 0, taken: 0 };
  const input = {
    input: 0,
    topic: 'in',
    head: () => ({ timestamp: 1 }),
    consume: () => (seen.taken += 1),
  };
  let left = count;
  const due = { node: 'own', timeMs: 1, timer: { arrival: isEarlier ? 0 : 1 } };
  // Only what a step asks for.
  const parts = {
    queue: { next: () => input },
    eventClock: {
      domainOf: () => 0,
      streamTimeMs: () => 0,
      advance: () => undefined,
      advancePartition: () => undefined,
    },
    timers: {
      arrivals: 1,
      isSilent: () => false,
      mayBeDue: () => true,
      reach: () => undefined,
      takeDue: () => (left-- > 0 ? due : null),
    },
    scans: { isEmpty: true },
    errors: { workOn: () => undefined, workOnTimer: () => undefined },
    counters: { recordsIn: 0 },
    roots: [{ receive: () => undefined }],
    nodeOf: () => ({ fire: () => (seen.fired += 1) }),
    calls: null,
    canUndo: false,
  } as unknown as TaskLoopParts; // see above
  return Object.assign(seen, { loop: new TaskLoop(parts) });
}

const million = 1_000_000;

/** Steps until the record is taken; how many turns it took. */
function stepThrough(run: ReturnType<typeof loopOver>): number {
  let turns = 0;
  for (; run.taken === 0; turns += 1) expect(run.loop.step()).toBe(true);
  return turns;
}

it('a step runs any number of timers that were set before it', () => {
  const run = loopOver(million + 10, true);
  stepThrough(run);
  expect(run.fired).toBe(million + 10);
});

it('a step that owes much takes turns, and names the record it goes on for', () => {
  const run = loopOver(100, true);
  expect(run.loop.step()).toBe(true);
  expect([run.taken, run.loop.steppingFor]).toEqual([0, 'in']);
  expect(run.fired).toBeLessThan(100);
  expect(stepThrough(run)).toBeGreaterThan(1);
  expect([run.fired, run.loop.steppingFor]).toEqual([100, null]);
});

it('more than a million timers set and due within one step are an error of their node', () => {
  stepThrough(loopOver(million, false));
  const error = thrownBy(() => stepThrough(loopOver(million + 1, false)));
  expect([error.code, error.where.node]).toEqual(['TIMER_LOOP', 'own']);
});
