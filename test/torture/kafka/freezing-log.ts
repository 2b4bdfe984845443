import type { Log, Writer } from '../../../src/core/log/port.ts';
import { overriding } from '../overriding.ts';

/** The steps of a commit, before each of which a process may stand still. */
export const commitSteps = ['produce', 'progress', 'sendOffsets', 'commit'] as const;
export type CommitStep = (typeof commitSteps)[number];

/** Whoever asked stops the process by himself after so long, and wakes it only once. */
export const maxUntilStepMs = 1_000;

/** A process that stands still where it is told to. */
export class Freezer {
  private awaited: CommitStep | null = null;
  private askedMs = 0;

  /** The next such step is not taken before the process is let go on, if it comes soon. */
  freezeBefore(step: CommitStep, askedMs: number): void {
    this.awaited = step;
    this.askedMs = askedMs;
  }

  reached(step: CommitStep): void {
    if (step !== this.awaited) return;
    this.awaited = null;
    if (Date.now() - this.askedMs < maxUntilStepMs) process.kill(process.pid, 'SIGSTOP');
  }
}

/** The log with a stop before the steps of a commit. */
export function freezingLog(log: Log, freezer: Freezer): Log {
  return overriding(log, {
    openWriter: async (options) => freezingWriter(await log.openWriter(options), freezer),
  });
}

function freezingWriter(writer: Writer, freezer: Freezer): Writer {
  return overriding(writer, {
    produce(batches) {
      const isProgress = batches.some(({ topic }) => topic.endsWith('-progress'));
      freezer.reached(isProgress ? 'progress' : 'produce');
      return writer.produce(batches);
    },
    sendOffsets(offsets, group) {
      freezer.reached('sendOffsets');
      return writer.sendOffsets(offsets, group);
    },
    commit() {
      freezer.reached('commit');
      return writer.commit();
    },
  });
}
