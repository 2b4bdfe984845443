import { LogError } from '../../model/errors.ts';

export function unknownMember(group: string, memberId: string): LogError {
  const text = `Group '${group}' does not know member '${memberId}': it left or its session timed out. Join again.`;
  return new LogError('fenced', 'UNKNOWN_MEMBER', text);
}

export function staleGeneration(group: string, theirs: number, current: number): LogError {
  const text = `Generation ${theirs} of group '${group}' is over, it is at ${current}. Join again.`;
  return new LogError('fenced', 'STALE_GENERATION', text);
}

export function instanceFenced(group: string, instanceId: string): LogError {
  const text = `Another member of group '${group}' joined with instance id '${instanceId}'. Give each worker its own.`;
  return new LogError('fatal', 'INSTANCE_FENCED', text);
}

export function requestReplaced(group: string, memberId: string): LogError {
  const text = `A later request of member '${memberId}' of group '${group}' took the place of this one.`;
  return new LogError('retriable', 'REQUEST_TIMED_OUT', text);
}

export function groupNotEmpty(group: string, members: number): LogError {
  const text = `Group '${group}' has ${members} members. Stop all workers of the application first.`;
  return new LogError('fatal', 'GROUP_NOT_EMPTY', text);
}

export function coordinatorClosed(group: string): LogError {
  const text = `The log was closed while group '${group}' had members. Close workers before the log.`;
  return new LogError('fatal', 'LOG_CLOSED', text);
}

/** The member has to join again as a new one. */
export function isThrownOut(error: unknown): boolean {
  if (!(error instanceof LogError)) return false;
  return error.code === 'UNKNOWN_MEMBER' || error.code === 'STALE_GENERATION';
}
