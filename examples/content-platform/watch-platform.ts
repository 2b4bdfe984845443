import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from '../../src/index.ts';
import type { Feeder } from '../program/feeder.ts';
import { rateLimit } from '../program/rate-limit.ts';
import type { Settings } from './arguments.ts';
import { stepMs } from './generator.ts';
import type { NumbersReader } from './numbers.ts';
import type { PlatformPage } from './page/server.ts';
import { type BlockedSink, type Snapshot, snapshotOf } from './snapshot.ts';
import type { Terminal } from './terminal.ts';
import type { TopicLag } from './topic-lag.ts';

const maxRowsPerWrite = 2_000;
/** Nothing is fed while so many records are on their way. */
const maxWaiting = 5_000;
/**
 * How far apart tasks can be in event time: an event that is not everywhere yet is on its way
 * somewhere, and events are a step apart.
 */
export const maxSkewMs = (maxWaiting + maxRowsPerWrite) * stepMs;
const idleMs = 20;
const showEveryMs = 500;
/** After the signal what is on its way is waited for, unless so long nothing of it arrives. */
const drainMs = 10_000;

interface Watched {
  readonly settings: Settings;
  readonly feeder: Feeder;
  readonly numbers: NumbersReader;
  readonly page: PlatformPage;
  readonly workers: readonly Worker[];
  readonly lags: () => Promise<TopicLag>;
  readonly terminal: Terminal;
  readonly zone: string;
  readonly signal: AbortSignal;
}

/** Feeds events and shows what they come to, until all are counted, or the signal has come. */
export async function watchPlatform(watched: Watched): Promise<void> {
  const { settings, feeder, page, workers, lags, terminal, signal } = watched;
  const mayFeed = rateLimit(feeder, settings.rate, { maxRowsPerWrite, idleMs });
  const failed = Promise.race(workers.map((worker) => worker.finished));
  failed.catch(() => undefined); // heard of below, once there is nothing to feed
  const snapshots = snapshotTaker(watched);
  let shownAtMs = 0;
  let leastWaiting = Infinity;
  let stopsAtMs = Infinity;
  for (;;) {
    const lag = await lags();
    const nowMs = Date.now();
    if (signal.aborted && lag.waiting < leastWaiting) {
      leastWaiting = lag.waiting;
      stopsAtMs = nowMs + drainMs;
    }
    const maxRows = lag.waiting < maxWaiting && !signal.aborted ? mayFeed() : 0;
    const isFed = maxRows > 0 && (await feeder.feed(maxRows));
    const isAtEnd = settings.events !== null && feeder.isAtEnd && !isFed;
    if ((isAtEnd || signal.aborted) && lag.waiting === 0) break;
    if (nowMs >= stopsAtMs) return terminal.summarize(await snapshots.take(lag, nowMs));
    if (nowMs - shownAtMs >= showEveryMs) {
      const snapshot = await snapshots.take(lag, nowMs);
      page.publish(snapshot);
      terminal.show(snapshot);
      shownAtMs = nowMs;
    }
    // A worker that stops by itself has failed: waiting with it hears of that.
    if (!isFed) await Promise.race([sleep(idleMs), failed]);
  }
  // Deliveries too, unless the reader does not want to wait for a database.
  if (!signal.aborted) await Promise.all(workers.map((worker) => worker.caughtUp()));
  const last = await snapshots.last();
  page.publish(last);
  terminal.summarize(last);
}

function snapshotTaker({ numbers, feeder, workers, lags, zone }: Watched) {
  let previous: { readonly processed: number; readonly atMs: number } | null = null;
  const take = async (lag: TopicLag, isLast = false) => {
    const { rows: written } = feeder.position;
    const late = droppedBy(workers, 'late');
    const processed = written - feeder.rowsFrom(lag.committed);
    const counted = { zone, lag, written, processed, late, blocked: blockedSinks(workers) };
    return { ...counted, numbers: await numbers.read(isLast) };
  };
  return {
    async take(lag: TopicLag, nowMs: number): Promise<Snapshot> {
      const parts = await take(lag);
      const { processed } = parts;
      const before = previous ?? { processed, atMs: nowMs };
      const elapsedMs = Math.max(1, nowMs - before.atMs);
      const perSecond = Math.round(((processed - before.processed) * 1000) / elapsedMs);
      previous = { processed, atMs: nowMs };
      return snapshotOf({ ...parts, perSecond, duplicates: droppedBy(workers, 'duplicate') });
    },
    /** Once all is committed: what was neither accepted nor quarantined had come before. */
    async last(): Promise<Snapshot> {
      const parts = await take(await lags(), true);
      const { accepted, quarantined } = parts.numbers;
      const duplicates = Math.max(0, parts.processed - accepted - quarantined);
      return snapshotOf({ ...parts, perSecond: 0, duplicates });
    },
  };
}

/** Since this start. */
function droppedBy(workers: readonly Worker[], reason: string): number {
  return workers.reduce((sum, worker) => sum + (worker.status().dropped[reason] ?? 0), 0);
}

/** Each sink once, however many of its partitions wait. */
function blockedSinks(workers: readonly Worker[]): readonly BlockedSink[] {
  const errors = new Map<string, string>();
  for (const { delivery } of workers.flatMap((worker) => worker.status().tasks)) {
    const error = delivery?.lastError ?? null;
    if (delivery !== null && error !== null) errors.set(delivery.sink, error);
  }
  return [...errors].map(([sink, error]) => ({ sink, error }));
}
