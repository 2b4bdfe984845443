import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../core/model/message-of.ts';
import type { Logger } from '../../core/runtime/logger.ts';

interface WatchOptions {
  /** Called when something in the folder of a file has changed, maybe another file. */
  readonly onChange: () => void;
  readonly logger: Logger;
}

/**
 * Watches the folders of files: a file that is replaced by renaming is another one afterwards, and
 * where a folder is mounted, what changes may be the link on the way to it.
 */
export function watchFiles(
  paths: readonly string[],
  { onChange, logger }: WatchOptions,
): { close(): void } {
  const watchers: FSWatcher[] = [];
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const warn = (error: unknown) =>
      logger.warn('geo databases are not watched', { folder, reason: messageOf(error) });
    try {
      const watcher = watch(folder, { persistent: false }, onChange);
      watcher.on('error', warn);
      watchers.push(watcher);
    } catch (error) {
      warn(error);
    }
  }
  return {
    close() {
      for (const watcher of watchers) watcher.close();
    },
  };
}
