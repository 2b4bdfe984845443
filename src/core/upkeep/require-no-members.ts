import { groupNotEmpty } from '../log/group/errors.ts';
import type { Log } from '../log/port.ts';

/** @throws {LogError} `GROUP_NOT_EMPTY` while workers of the application run. */
export async function requireNoMembers({ admin }: Log, application: string): Promise<void> {
  const members = await admin.groupMembers(application);
  if (members > 0) throw groupNotEmpty(application, members);
}
