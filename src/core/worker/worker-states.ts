import { invariant } from '../model/invariant.ts';

export type WorkerState = 'starting' | 'running' | 'closing' | 'closed' | 'failed';

const next: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  starting: ['running', 'closing', 'failed'],
  running: ['closing', 'failed'],
  closing: ['closed', 'failed'],
  closed: [],
  failed: [],
};

/** The state after a step, which must be one the table allows. */
export function transition(from: WorkerState, to: WorkerState): WorkerState {
  invariant(next[from].includes(to), `A worker cannot go from ${from} to ${to}.`);
  return to;
}
