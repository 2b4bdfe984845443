import { invariant } from '../model/invariant.ts';

export type TaskState = 'created' | 'restoring' | 'running' | 'closing' | 'closed';

const next: Readonly<Record<TaskState, readonly TaskState[]>> = {
  created: ['restoring', 'closing'],
  restoring: ['running', 'closing'],
  running: ['closing'],
  closing: ['closed'],
  closed: [],
};

/** The state after a step, which must be one the table allows. */
export function transition(from: TaskState, to: TaskState): TaskState {
  invariant(next[from].includes(to), `A task cannot go from ${from} to ${to}.`);
  return to;
}
