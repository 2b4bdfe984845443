import type { Log, Writer } from '../../../src/core/log/port.ts';
import { overriding } from '../overriding.ts';
import { maxUntilStepMs, type Step, type StrikeOrder } from './steps.ts';

/** A process that kills or stops itself where its parent tells it to. */
export class Striker {
  private awaited: StrikeOrder | null = null;

  listen(): void {
    process.on('message', (message: object) => {
      if ('step' in message) this.awaited = message as StrikeOrder; // as crew.ts sends
    });
  }

  reached(step: Step): void {
    if (this.awaited?.step !== step) return;
    const { signal, askedMs } = this.awaited;
    this.awaited = null;
    if (Date.now() - askedMs < maxUntilStepMs) process.kill(process.pid, signal);
  }

  /** The log with its commits' steps told. */
  watch(log: Log): Log {
    return overriding(log, {
      openWriter: async (options) => this.watchWriter(await log.openWriter(options)),
    });
  }

  private watchWriter(writer: Writer): Writer {
    return overriding(writer, {
      produce: (batches) => {
        const isProgress = batches.some(({ topic }) => topic.endsWith('-progress'));
        this.reached(isProgress ? 'progress' : 'produce');
        return writer.produce(batches);
      },
      sendOffsets: (offsets, group) => {
        this.reached('sendOffsets');
        return writer.sendOffsets(offsets, group);
      },
      commit: async () => {
        this.reached('commit');
        await writer.commit();
        this.reached('committed');
      },
    });
  }
}
