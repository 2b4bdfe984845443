import type { GroupMetadata } from '../port.ts';

/** What the broker asks of its groups before it takes offsets. */
export interface GroupGenerations {
  /** @throws {LogError} `fenced`: `STALE_GENERATION`, `UNKNOWN_MEMBER`. */
  check(metadata: GroupMetadata): void;
  /** Left out: the groups have no members. */
  memberCount?(group: string): number;
}
