import { invariant } from '../../model/invariant.ts';
import { partitionName } from '../partition-name.ts';
import type { GroupMember, MemberAssignment, TopicPartition } from '../port.ts';

/** Those of `partitions` that are not in `others`. */
export function without(
  partitions: readonly TopicPartition[],
  others: readonly TopicPartition[],
): readonly TopicPartition[] {
  const names = new Set(others.map(partitionName));
  return partitions.filter((partition) => !names.has(partitionName(partition)));
}

/** Of a member that the leader gave nothing. */
export const noAssignment: MemberAssignment = { partitions: [], userData: new Uint8Array() };

/**
 * What may be handed out now of what was decided: a partition that another member owns is kept
 * back. Its owner sees it missing, revokes it and joins again, and that rebalance gives it away.
 */
export function withholdMoving(
  members: readonly GroupMember[],
  decided: ReadonlyMap<string, MemberAssignment>,
): ReadonlyMap<string, MemberAssignment> {
  requireDisjoint(decided);
  const assignments = new Map<string, MemberAssignment>();
  for (const { memberId } of members) {
    const { partitions, userData } = decided.get(memberId) ?? noAssignment;
    const ownedByOthers = members.filter((m) => m.memberId !== memberId).flatMap((m) => m.owned);
    assignments.set(memberId, { partitions: without(partitions, ownedByOthers), userData });
  }
  return assignments;
}

function requireDisjoint(decided: ReadonlyMap<string, MemberAssignment>): void {
  const seen = new Set<string>();
  for (const { partitions } of decided.values()) {
    for (const name of partitions.map(partitionName)) {
      invariant(!seen.has(name), `The assignor gave partition '${name}' away twice.`);
      seen.add(name);
    }
  }
}
