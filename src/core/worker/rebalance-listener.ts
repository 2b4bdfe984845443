import type { GroupListener, MemberAssignment, TopicPartition } from '../log/port.ts';
import type { TurnQueue } from './turn-queue.ts';

/** What a worker does about its assignment, each between two slices of its loop. */
export interface Rebalancing {
  userData(): Uint8Array;
  assign(assignment: MemberAssignment): Promise<void>;
  /** Commits before it lets go. */
  revoke(partitions: readonly TopicPartition[]): Promise<void>;
  /** Lets go of everything without a commit: the group would refuse it. */
  lose(): Promise<void>;
  fail(error: unknown): void;
}

/** The group calls from outside the loop; its calls wait for their turn. */
export function rebalanceListener(worker: Rebalancing, turns: TurnQueue): GroupListener {
  return {
    userData: () => worker.userData(),
    onAssigned: (assignment) => turns.add(() => worker.assign(assignment)),
    onRevoked: (partitions) => turns.add(() => worker.revoke(partitions)),
    onLost: () => turns.add(() => worker.lose()),
    onFailed: (error) => worker.fail(error),
  };
}
