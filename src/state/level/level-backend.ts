import type { StateBackend } from '../../core/task/state-port.ts';
import { overlayBackend } from '../overlay-state.ts';
import type { LevelOptions } from './level-options.ts';
import { LevelState } from './level-state.ts';
import { openLevel, rebuild } from './open-level.ts';
import { ownerName, taskDirectory } from './state-directory.ts';

export interface LevelBackendOptions {
  /** The root of all state; a task's files lie in `<directory>/<application>/<task>`. */
  readonly directory: string;
  /**
   * Names this run of the machine (`/proc/sys/kernel/random/boot_id`). State that was not closed
   * before another run is rebuilt; with null so is all that was not closed, unless `sync`.
   */
  readonly bootId: string | null;
  /** Waits between attempts to get the lock. */
  readonly sleep: (delayMs: number) => Promise<void>;
  /** `'open'` reads everything at each open; see `docs/STATE.md`. Default: `'default'`. */
  readonly verify?: 'default' | 'open';
  /** Memory for unsorted writes, per task, at most twice. Default: 16 MiB. */
  readonly writeBufferBytes?: number;
  /** Each commit is on disk before it is acknowledged. Default: false. */
  readonly sync?: boolean;
  /** Less free space is an error at open. Default: 256 MiB. */
  readonly minFreeBytes?: number;
  /** How long another owner of the directory is waited for. Default: 10 s. */
  readonly lockWaitMs?: number;
}

const bytesPerMib = 1024 * 1024;

/**
 * State in LevelDB, one database per task. Its changelogs stay the truth: whatever here cannot be
 * trusted is deleted at open, and `position` is null.
 */
export function levelBackend(options: LevelBackendOptions): StateBackend {
  const {
    directory: root,
    writeBufferBytes = 16 * bytesPerMib,
    minFreeBytes = 256 * bytesPerMib,
  } = options;
  const { verify = 'default', sync = false, lockWaitMs = 10_000, bootId, sleep } = options;
  const shared = { writeBufferBytes, minFreeBytes, verify, sync, lockWaitMs, bootId, sleep };
  const distrusted = new Map<string, string>();
  return overlayBackend(async ({ application, taskId }, names) => {
    const directory = taskDirectory(root, application, taskId);
    const owner = ownerName(application, taskId);
    const own: LevelOptions = { ...shared, directory, owner, distrusted };
    const level = await openLevel(own, names);
    return new LevelState(own, level, () => rebuild(own, names, null));
  });
}
