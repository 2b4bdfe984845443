import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, Worker } from '../../src/index.ts';
import type { Feeder } from '../program/feeder.ts';
import type { Output } from '../program/output.ts';
import { rateLimit } from '../program/rate-limit.ts';
import type { Settings } from './arguments.ts';
import type { CountedViews } from './counted-views.ts';
import { application, topics } from './demo-topology.ts';
import { progressTo } from './progress.ts';

const maxRowsPerWrite = 2_000;
/** Rows written but not yet processed, at most: reading further ahead only fills the disk. */
const maxBacklog = 50_000;
const idleMs = 20;
const progressEveryMs = 1_000;

export interface Watched {
  readonly settings: Settings;
  readonly log: Log;
  readonly feeder: Feeder;
  readonly views: CountedViews;
  readonly workers: readonly Worker[];
  readonly drops: () => ReadonlyMap<string, number> | null;
  readonly out: Output;
  readonly signal: AbortSignal;
}

/** Feeds the input and shows progress until all is counted (with `--exit`) or the signal comes. */
export async function feedAndWatch(watched: Watched): Promise<void> {
  const { settings, feeder, views, workers, drops, out, signal } = watched;
  const progress = progressTo(out);
  const mayFeed = rateLimit(feeder, settings.rate, { maxRowsPerWrite, idleMs });
  const failed = Promise.race(workers.map((worker) => worker.finished));
  failed.catch(() => undefined); // heard of below, once there is nothing to feed
  let shownAtMs = Date.now();
  while (!signal.aborted) {
    const { rows } = feeder.position;
    const backlog = await backlogOf(watched);
    const maxRows = backlog < maxBacklog ? mayFeed() : 0;
    const isFed = maxRows > 0 && (await feeder.feed(maxRows));
    const isDone = settings.exit && feeder.isAtEnd && !isFed && backlog === 0;
    const nowMs = Date.now();
    if (isDone || nowMs - shownAtMs >= progressEveryMs) {
      const windowsClosed = await views.countFinal();
      progress.show(
        { rows, processed: Math.max(0, rows - backlog), windowsClosed, drops: drops() },
        nowMs,
      );
      shownAtMs = nowMs;
    }
    if (isDone) break;
    // A worker that stops by itself has failed: waiting with it hears of that.
    if (!isFed) await Promise.race([sleep(idleMs), failed]);
  }
  progress.end();
}

/** Rows that were written and whose counts are not committed. */
async function backlogOf({ log, feeder }: Watched): Promise<number> {
  const partitions = Array.from({ length: feeder.partitions }, (_, partition) => {
    return { topic: topics.input, partition };
  });
  const committed = await log.admin.committedOffsets(application, partitions);
  return feeder.rowsFrom(committed.map((position) => position?.offset ?? 0));
}
