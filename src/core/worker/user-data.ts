/** What a member tells the leader at each join. */
export interface UserData {
  /** Tasks whose state lies on its disk. */
  readonly tasksOnDisk: readonly string[];
  /** Hash of what a refusal depends on; members with another never share tasks. */
  readonly stateHash: string;
}

const format = 1;
const none: UserData = { tasksOnDisk: [], stateHash: '' };

export function encodeUserData(data: UserData): Uint8Array {
  return Buffer.from(JSON.stringify({ format, ...data }), 'utf8');
}

/** What cannot be read says nothing: another version may have written it. */
export function decodeUserData(bytes: Uint8Array): UserData {
  try {
    const data: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isUserData(data) ? data : none;
  } catch {
    return none;
  }
}

function isUserData(data: unknown): data is UserData {
  if (typeof data !== 'object' || data === null) return false;
  const { tasksOnDisk, stateHash } = data as Partial<UserData>; // checked here
  return (
    Array.isArray(tasksOnDisk) &&
    tasksOnDisk.every((id) => typeof id === 'string') &&
    typeof stateHash === 'string'
  );
}
