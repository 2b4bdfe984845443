import { expect, it } from 'vitest';
import { TaskLoop, type TaskLoopParts } from '../../../src/core/task/task-loop.ts';
import { thrownBy } from '../../support/thrown.ts';

/** A loop over one record, before which `count` timers are due; earlier ones were set before. */
function loopOver(count: number, isEarlier: boolean): { readonly loop: TaskLoop; fired: number } {
  const seen = { fired: 0 };
  const input = { input: 0, head: () => ({ timestamp: 1 }), consume: () => undefined };
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

it('a step runs any number of timers that were set before it', () => {
  const run = loopOver(million + 10, true);
  expect(run.loop.step()).toBe(true);
  expect(run.fired).toBe(million + 10);
});

it('more than a million timers set and due within one step are an error of their node', () => {
  expect(loopOver(million, false).loop.step()).toBe(true);
  const error = thrownBy(() => loopOver(million + 1, false).loop.step());
  expect([error.code, error.where.node]).toEqual(['TIMER_LOOP', 'own']);
});
