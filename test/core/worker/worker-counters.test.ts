import { describe, expect, it } from 'vitest';
import { emptyCounters, type TaskCounters } from '../../../src/core/task/task-counters.ts';
import type { TaskPort } from '../../../src/core/task/task-port.ts';
import { WorkerCounters } from '../../../src/core/worker/worker-counters.ts';
import type { DeliveryStatus } from '../../../src/core/sink/delivery-status.ts';

function taskOf(
  id: string,
  committed: Partial<TaskCounters>,
  delivery: Partial<DeliveryStatus> | null = null,
): TaskPort {
  const counters = { ...emptyCounters(), ...committed };
  const task = { id, counters, committedCounters: counters, state: 'restoring', delivery };
  return task as unknown as TaskPort; // all that the counters look at
}

const dropped = (...names: readonly string[]) =>
  new Map(names.map((name) => [`node\0${name}`, 1] as const));

describe('what a worker has counted', () => {
  it('is the same before, while and after a task is closed', () => {
    const counters = new WorkerCounters();
    const task = taskOf('in-0', { recordsIn: 7, dropped: dropped('late') });
    const seen = (tasks: readonly TaskPort[]) => {
      const { byTask, sum } = counters.committed(tasks, []);
      return [byTask.get('in-0')?.recordsIn, sum.recordsIn, sum.dropped.get('node\0late')];
    };
    expect(seen([task])).toEqual([7, 7, 1]);
    counters.retire(task);
    // Its files are still being closed.
    expect(seen([task])).toEqual([7, 7, 1]);
    counters.retire(task);
    expect(seen([])).toEqual([7, 7, 1]);
    expect(seen([taskOf('in-0', { recordsIn: 2 })])).toEqual([9, 9, 1]);
  });

  it('has sixty-four reasons of authors, and one for all others', () => {
    const counters = new WorkerCounters();
    const reasons = Array.from({ length: 200 }, (_, index) => `author:${index}`);
    const task = taskOf('in-0', { dropped: dropped('late', ...reasons) });
    for (const _ of [1, 2]) {
      const { sum } = counters.committed([task], []);
      expect(sum.dropped.size).toBe(1 + 64 + 1);
      expect(sum.dropped.get('node\0author:others')).toBe(136);
      expect(sum.dropped.get('node\0author:63')).toBe(1);
    }
  });

  it('has what sinks were given, by sink, and what waits in those that are here', () => {
    const counters = new WorkerCounters();
    const counts = { batches: 2, duplicates: 1, retries: 3, refused: 4, isApplying: true };
    const delivery = (rows: number, oldestWaitingMs: number | null) =>
      taskOf(`outbox-${rows}`, {}, { sink: 'db', rows, oldestWaitingMs, ...counts });
    const [gone, one, other] = [delivery(10, 9_000), delivery(20, 50), delivery(30, null)];
    counters.retire(gone);
    expect(counters.committed([gone, one, other], []).sinks).toEqual([
      {
        sink: 'db',
        rows: 60,
        batches: 6,
        duplicates: 3,
        retries: 9,
        refused: 12,
        oldestWaitingMs: 50,
        applying: 2,
      },
    ]);
  });
});
