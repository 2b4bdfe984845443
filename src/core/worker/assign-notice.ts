import type { MemberAssignment } from '../log/port.ts';
import { isTexts, objectIn } from './user-data.ts';

/** What the leader tells a member beside its partitions. */
export interface AssignNotice {
  /**
   * Another rebalance must follow: the member had to give partitions away. It joins again by itself
   * then; but a process that took its place in the group meanwhile cannot know.
   */
  readonly isToBeContinued: boolean;
  /** Instance ids of all members; null: the leader does not tell. */
  readonly live: readonly string[] | null;
  /** Tasks that will come to the member once their owners have given them up. */
  readonly coming: readonly string[];
  /** Tasks of others whose state is to be kept up to date here. */
  readonly standbys: readonly string[];
  /** Tasks of others that will move here as soon as their state is up to date. */
  readonly warmUps: readonly string[];
}

/** Whether the assignment asks for another rebalance. */
export function isToBeContinued({ userData }: MemberAssignment): boolean {
  return decodeNotice(userData).isToBeContinued;
}

const format = 1;
const silent: AssignNotice = {
  isToBeContinued: false,
  live: null,
  coming: [],
  standbys: [],
  warmUps: [],
};
/** The byte that was the whole notice before it said more. */
const oldToBeContinued = 1;

export function encodeNotice(notice: AssignNotice): Uint8Array {
  return Buffer.from(JSON.stringify({ format, ...notice }), 'utf8');
}

export function decodeNotice(bytes: Uint8Array): AssignNotice {
  if (bytes.length <= 1) return { ...silent, isToBeContinued: bytes[0] === oldToBeContinued };
  const { isToBeContinued, live, coming, standbys, warmUps } = objectIn(bytes);
  return {
    isToBeContinued: isToBeContinued === true,
    live: isTexts(live) ? live : null,
    coming: isTexts(coming) ? coming : [],
    standbys: isTexts(standbys) ? standbys : [],
    warmUps: isTexts(warmUps) ? warmUps : [],
  };
}
