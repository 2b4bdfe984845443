/** What a member tells the leader at each join. */
export interface UserData {
  /** Tasks whose state lies on its disk, open or not. */
  readonly tasksOnDisk: readonly string[];
  /** Hash of what a refusal depends on; members with another never share tasks. */
  readonly stateHash: string;
  /** Names the directory of the states: members with the same one share them. Null: none keeps. */
  readonly directory: string | null;
  /** Tasks that the leader said were to come as soon as their owners had given them up. */
  readonly expected: readonly string[];
  /** By task: copies that the member keeps ahead of time. */
  readonly copies: Readonly<Record<string, CopyReport>>;
  /** By task: how much of its disk the state takes, where it is known. */
  readonly diskBytes: Readonly<Record<string, number>>;
}

/** How far a copy is that another member's task could go on from. */
export interface CopyReport {
  /** Sum of its positions in the task's changelogs. */
  readonly position: number;
  /** The task may move here: the copy has caught up, or was waited for long enough. */
  readonly isReady: boolean;
}

const format = 1;
const none: UserData = {
  tasksOnDisk: [],
  stateHash: '',
  directory: null,
  expected: [],
  copies: {},
  diskBytes: {},
};

export function encodeUserData(data: UserData): Uint8Array {
  return Buffer.from(JSON.stringify({ format, ...data }), 'utf8');
}

/** What cannot be read says nothing, part by part: another version may have written it. */
export function decodeUserData(bytes: Uint8Array): UserData {
  const data = objectIn(bytes);
  if (!isTexts(data['tasksOnDisk']) || typeof data['stateHash'] !== 'string') return none;
  const { tasksOnDisk, stateHash, directory } = data;
  return {
    tasksOnDisk,
    stateHash,
    directory: typeof directory === 'string' ? directory : null,
    expected: isTexts(data['expected']) ? data['expected'] : [],
    copies: recordOf(data['copies'], isCopyReport),
    diskBytes: recordOf(data['diskBytes'], isNumber),
  };
}

/** The JSON object in the bytes; one without members if there is none. */
export function objectIn(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const data: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isObject(data) ? data : {};
  } catch {
    return {};
  }
}

export function isTexts(data: unknown): data is readonly string[] {
  return Array.isArray(data) && data.every((text) => typeof text === 'string');
}

function recordOf<T>(
  data: unknown,
  isValue: (value: unknown) => value is T,
): Readonly<Record<string, T>> {
  if (!isObject(data)) return {};
  // `Object.fromEntries` makes own properties, whatever a task is called.
  return Object.fromEntries(
    Object.entries(data).flatMap(([id, value]) => (isValue(value) ? [[id, value] as const] : [])),
  );
}

function isCopyReport(data: unknown): data is CopyReport {
  return isObject(data) && isNumber(data['position']) && typeof data['isReady'] === 'boolean';
}

function isNumber(data: unknown): data is number {
  return typeof data === 'number' && Number.isFinite(data);
}

function isObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
